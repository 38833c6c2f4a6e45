using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using Sluice.Cli.Output;

namespace Sluice.Cli.Shell;

/// <summary>Writes what <c>--help</c> prints about a command from its definition. The words are those of the man page and of the documentation.</summary>
internal static class HelpText
{
    private const int Indentation = 2;

    // A longer name stands in a line of its own, so that it does not move all descriptions to the right.
    private const int MostNameWidth = 28;

    /// <summary>Gets the help of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="width">The most that a line takes; null for one line a paragraph.</param>
    public static string Of(Command command, int? width)
    {
        var text = new StringBuilder();
        Section(text, "Description", Paragraph(command.Description!, width));
        Section(text, "Usage", command.Subcommands.Where(_ => command.Arguments.Count > 0).Prepend(command).Select(one => $"{Synopsis.Of(one)} [OPTIONS]"));
        Section(text, "Arguments", Table(command.Arguments.Select(argument => (argument.Name, argument.Description!)), width));
        Section(text, "Commands", Table(command.Subcommands.Select(one => (NameOf(one), FirstSentence(one.Description!))), width));
        Section(text, "Options", Table(OptionTable.OptionsOf(command).Concat(HelpOf(command)).Select(option => (OptionTable.NamesOf(option), option.Description!)), width));
        Section(text, "Examples", Examples.LinesOf(CommandLine.PathOf(command)));
        return text.ToString();
    }

    /// <summary>Gets the first sentence of a description.</summary>
    public static string FirstSentence(string description) => $"{description.Split(". ")[0].TrimEnd('.')}.";

    // Only the root has it, for all commands.
    private static IEnumerable<Option> HelpOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? HelpOf(parent) : command.Options.OfType<HelpOption>();

    private static string NameOf(Command command) => string.Join(' ', Synopsis.ArgumentsOf(command).Prepend(command.Name));

    private static void Section(StringBuilder text, string title, IEnumerable<string> lines)
    {
        string[] all = [.. lines];
        if (all.Length == 0)
        {
            return;
        }

        text.Append(text.Length > 0 ? Environment.NewLine : string.Empty).Append(title).AppendLine(":");
        foreach (string line in all)
        {
            text.Append(' ', Indentation).AppendLine(line);
        }
    }

    private static IEnumerable<string> Paragraph(string text, int? width) => WrappedText.Lines(text, width - Indentation);

    private static IEnumerable<string> Table(IEnumerable<(string Name, string Text)> rows, int? width)
    {
        (string Name, string Text)[] all = [.. rows];
        int most = Math.Min(MostNameWidth, (width ?? int.MaxValue) / 2);
        int column = all.Select(row => row.Name.Length).Where(length => length <= most).DefaultIfEmpty().Max() + Indentation;
        return all.SelectMany(row => Row(row.Name, [.. WrappedText.Lines(row.Text, width - Indentation - column)], column));
    }

    private static IEnumerable<string> Row(string name, string[] lines, int column)
    {
        bool fits = name.Length + Indentation <= column;
        IEnumerable<string> first = fits ? [name.PadRight(column) + lines[0]] : [name];
        return first.Concat(lines.Skip(fits ? 1 : 0).Select(line => new string(' ', column) + line));
    }
}
