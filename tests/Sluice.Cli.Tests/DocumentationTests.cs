using System.CommandLine;
using Sluice.Cli.Shell;

namespace Sluice.Cli.Tests;

/// <summary>
/// The documentation has the options that the commands have. <c>SLUICE_UPDATE_DOCS=1</c> in the environment writes the tables anew instead of comparing them.
/// </summary>
[TestFixture]
public sealed class DocumentationTests
{
    private static readonly string s_file = Path.Combine(Repository.Root, "docs", "cli.md");

    private static IEnumerable<string> Names => CommandLine.AllOf(CommandLine.CreateRoot()).Select(command => CommandLine.PathOf(command)["sluice ".Length..]);

    [TestCaseSource(nameof(Names))]
    public void The_documentation_lists_the_options_of_a_command(string name)
    {
        Command command = CommandLine.AllOf(CommandLine.CreateRoot()).Single(one => CommandLine.PathOf(one) == $"sluice {name}");
        string text = File.ReadAllText(s_file);
        string begin = $"<!-- options of {name} -->\n";
        int from = text.IndexOf(begin, StringComparison.Ordinal);
        Assert.That(from, Is.Positive, $"docs/cli.md has no table of the options of {name}.");
        from += begin.Length;
        int to = text.IndexOf("<!-- end of options -->", from, StringComparison.Ordinal);
        string table = OptionTable.Markdown(command);
        if (Environment.GetEnvironmentVariable("SLUICE_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(s_file, $"{text[..from]}{table}{text[to..]}");
            return;
        }

        Assert.That(text[from..to], Is.EqualTo(table));
    }

    [Test]
    public void Every_option_and_argument_is_described_by_a_sentence()
    {
        foreach (Command command in CommandLine.AllOf(CommandLine.CreateRoot()))
        {
            Assert.That(command.Description, Does.EndWith("."), command.Name);
            foreach (Symbol symbol in (Symbol[])[.. command.Options, .. command.Arguments])
            {
                Assert.That(symbol is System.CommandLine.Help.HelpOption || symbol.Description?[^1] == '.', $"{command.Name} {symbol.Name}: {symbol.Description}");
            }
        }
    }
}
