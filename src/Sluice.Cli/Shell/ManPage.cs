using System.CommandLine;
using System.Globalization;
using System.Text;

namespace Sluice.Cli.Shell;

/// <summary>Writes the man page of a command from its definition.</summary>
internal static class ManPage
{
    private static readonly (string Form, string Meaning)[] s_endPoints =
    [
        ("host:port, host port, tcp://host:port", "TCP. An IPv6 address stands in brackets, unless the port stands apart."),
        (":port, port", "To listen: all addresses. To connect: this machine."),
        ("tls://host:port", "TLS over TCP."),
        ("udp://host:port", "UDP."),
        ("unix:/path, unix:@name", "A Unix domain socket: a path, or an abstract name."),
        ("exec:COMMAND", "Standard input and output of a command."),
        ("fd:3", "A descriptor that the process has inherited."),
        ("-", "Standard input and output."),
    ];

    private static readonly (string Code, string Meaning)[] s_exitCodes =
    [
        ("0", "Success."),
        ("1", "Failure. Standard error says why."),
        ("2", "The command line is invalid. Standard error says why."),
        ("141", "Nothing reads the standard output any more."),
    ];

    public static string Of(Command command)
    {
        string path = CommandLine.PathOf(command);
        string page = path.Replace(' ', '-');
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $".TH {page.ToUpperInvariant()} 1 \"\" \"sluice\" \"User Commands\"\n");
        text.Append(CultureInfo.InvariantCulture, $".SH NAME\n{Escape(page)} \\- {Escape(Lower(command.Description))}\n");
        text.Append(".SH SYNOPSIS\n").Append(CultureInfo.InvariantCulture, $".B {Escape(path)}\n");
        foreach (string argument in Synopsis.ArgumentsOf(command))
        {
            text.Append(CultureInfo.InvariantCulture, $".I {Escape(argument)}\n");
        }

        text.Append("[OPTIONS]\n");
        text.Append(CultureInfo.InvariantCulture, $".SH DESCRIPTION\n{Escape(command.Description)}\n");
        Section(text, "ARGUMENTS", command.Arguments.Select(argument => (argument.Name, argument.Description ?? string.Empty)));
        Section(text, "COMMANDS", command.Subcommands.Select(one => (one.Name, one.Description ?? string.Empty)));
        Section(text, "OPTIONS", OptionTable.OptionsOf(command).Select(option => (OptionTable.NamesOf(option), option.Description ?? string.Empty)));
        AppendExamples(text, path);
        Section(text, "END POINTS", s_endPoints);
        Section(text, "EXIT STATUS", s_exitCodes);
        return text.ToString();
    }

    private static void Section(StringBuilder text, string title, IEnumerable<(string Name, string Text)> items)
    {
        bool isFirst = true;
        foreach ((string name, string meaning) in items)
        {
            text.Append(isFirst ? $".SH {title}\n" : string.Empty).Append(CultureInfo.InvariantCulture, $".TP\n.B {Escape(name)}\n{Escape(meaning)}\n");
            isFirst = false;
        }
    }

    private static void AppendExamples(StringBuilder text, string path)
    {
        string[] lines = [.. Examples.LinesOf(path)];
        if (lines.Length > 0)
        {
            text.Append(".SH EXAMPLES\n.nf\n").AppendJoin('\n', lines.Select(Escape)).Append("\n.fi\n");
        }
    }

    private static string Lower(string? sentence) =>
        string.IsNullOrEmpty(sentence) ? string.Empty : $"{char.ToLowerInvariant(sentence[0])}{HelpText.FirstSentence(sentence)[1..^1]}";

    // A backslash begins a request within a line, a period or an apostrophe at its start one for a line; a hyphen of an option has to stay one.
    private static string Escape(string? text)
    {
        string escaped = (text ?? string.Empty).Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? $"\\&{escaped}" : escaped;
    }
}
