using System.CommandLine;
using System.CommandLine.Help;
using System.Text;

namespace Sluice.Cli.Shell;

/// <summary>Lists the arguments and options of a command, for the documentation and the man page.</summary>
internal static class OptionTable
{
    /// <summary>Gets the options without <c>--help</c>.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) => command.Options.Where(option => option is not HelpOption && !option.Hidden);

    /// <summary>Formats the names of an option and its value, the long name first.</summary>
    public static string NamesOf(Option option)
    {
        string names = string.Join(", ", option.Aliases.Prepend(option.Name));
        return option.ValueType == typeof(bool) || option.Arity.MaximumNumberOfValues == 0 ? names : $"{names} {option.HelpName ?? "VALUE"}";
    }

    /// <summary>Formats the table of the options in Markdown.</summary>
    public static string Markdown(Command command)
    {
        var text = new StringBuilder("| option | |\n|---|---|\n");
        foreach (Option option in OptionsOf(command))
        {
            string[] names = [.. NamesOf(option).Split(", ").Select(name => $"`{name.Replace("|", "\\|", StringComparison.Ordinal)}`")];
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {string.Join(", ", names)} | {option.Description} |\n");
        }

        return text.ToString();
    }
}
