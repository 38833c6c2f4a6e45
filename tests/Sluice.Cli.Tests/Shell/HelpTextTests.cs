using System.CommandLine;
using Sluice.Cli.Shell;

namespace Sluice.Cli.Tests.Shell;

[TestFixture]
public sealed class HelpTextTests
{
    private static IEnumerable<string> Paths => CommandLine.AllOf(CommandLine.CreateRoot()).Select(CommandLine.PathOf).Prepend("sluice");

    [TestCase("sluice", "sluice COMMAND [OPTIONS]")]
    [TestCase("sluice connect", "sluice connect END_POINT [OPTIONS]")]
    [TestCase("sluice udp", "sluice udp END_POINT [OPTIONS]")]
    [TestCase("sluice relay", "sluice relay LISTEN TARGET... [OPTIONS]")]
    [TestCase("sluice top", "sluice top [END_POINT] [OPTIONS]")]
    [TestCase("sluice cert", "sluice cert [FOLDER] [OPTIONS]", "sluice cert inspect FILE... [OPTIONS]", "sluice cert renew [FOLDER] [OPTIONS]")]
    [TestCase("sluice cert renew", "sluice cert renew [FOLDER] [OPTIONS]")]
    [TestCase("sluice help", "sluice help [COMMAND...] [OPTIONS]")]
    public void It_says_how_the_command_is_called(string path, params string[] usage)
    {
        string[] lines = Lines(path, width: null);
        int first = Array.IndexOf(lines, "Usage:") + 1;
        Assert.That(lines[first..Array.IndexOf(lines, "", first)], Is.EqualTo(usage.Select(line => $"  {line}")));
    }

    [TestCaseSource(nameof(Paths))]
    public void It_has_each_argument_option_and_command_with_its_description(string path)
    {
        Command command = Find(path);
        string text = HelpText.Of(command, width: null);
        foreach (Symbol symbol in (Symbol[])[.. OptionTable.OptionsOf(command), .. command.Arguments])
        {
            Assert.That(text, Does.Contain(symbol is Option option ? OptionTable.NamesOf(option) : symbol.Name).And.Contains(symbol.Description!));
        }

        Assert.That(command.Subcommands.Select(one => one.Name), Has.All.Matches<string>(name => text.Contains($"  {name} ", StringComparison.Ordinal)));
        Assert.That(text, Does.Contain("--help, -h, -?").And.Contains("Print this help."));
    }

    [TestCaseSource(nameof(Paths))]
    public void No_line_is_wider_than_the_terminal_unless_it_is_one_to_type_or_a_single_word(string path)
    {
        foreach (int width in (int[])[80, 40])
        {
            string[] toType = [.. Examples.LinesOf(path), .. OptionTable.OptionsOf(Find(path)).Select(OptionTable.NamesOf), Synopsis.Of(Find(path))];
            IEnumerable<string> wide = Lines(path, width).Where(line => line.Length > width && line.Trim().Contains(' ') && !toType.Any(one => line.Trim().StartsWith(one, StringComparison.Ordinal)));
            Assert.That(wide, Is.Empty);
        }
    }

    private static Command Find(string path) => CommandLine.AllOf(CommandLine.CreateRoot()).FirstOrDefault(one => CommandLine.PathOf(one) == path) ?? CommandLine.CreateRoot();

    private static string[] Lines(string path, int? width) => HelpText.Of(Find(path), width).Split(Environment.NewLine);
}
