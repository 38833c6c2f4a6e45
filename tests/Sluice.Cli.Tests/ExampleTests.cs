using System.Text.RegularExpressions;
using Sluice.Cli.Shell;

namespace Sluice.Cli.Tests;

/// <summary>The examples of the documentation are command lines that the command understands, and those of the help are among them.</summary>
[TestFixture]
public sealed partial class ExampleTests
{
    private static readonly string[] s_files =
        [Path.Combine(Repository.Root, "README.md"), Path.Combine(Repository.Root, "src", "Sluice.Cli", "README.md"), .. Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)];

    private static IEnumerable<string> CommandLines => s_files.SelectMany(CommandLinesOf).Distinct();

    private static IEnumerable<string> OfHelp => CommandLine.AllOf(CommandLine.CreateRoot()).SelectMany(command => Examples.Of(CommandLine.PathOf(command))).Select(example => example.Text);

    [TestCaseSource(nameof(CommandLines))]
    public void An_example_is_understood(string line) => Assert.That(CommandLine.ErrorOf(CommandLine.Parse(ArgumentsOf(line))), Is.Null);

    [TestCaseSource(nameof(OfHelp))]
    public void The_documentation_has_the_examples_of_the_help(string example) =>
        Assert.That(File.ReadAllText(Path.Combine(Repository.Root, "docs", "cli.md")), Does.Contain(example));

    [Test]
    public void Headings_of_the_documentation_say_how_a_command_is_called()
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "cli.md"));
        Assert.That(
            Heading().Matches(text).Select(match => match.Groups[1].Value),
            Is.EquivalentTo(CommandLine.AllOf(CommandLine.CreateRoot()).Select(command => Synopsis.Of(command).Replace("...", "…", StringComparison.Ordinal))));
    }

    // A file of arguments is one of the reader's.
    private static IEnumerable<string> CommandLinesOf(string file) =>
        from block in CodeBlock().Matches(File.ReadAllText(file))
        from line in block.Groups[1].Value.Split('\n')
        let call = Call().Match(line)
        where call.Success && !call.Value.Contains('@')
        select call.Groups[1].Value;

    // What a shell makes of the line: words, with or without quotes, up to a comment, a pipe or a redirection.
    private static string[] ArgumentsOf(string line) =>
        [.. Word().Matches(line).Select(match => match.Value).TakeWhile(word => word[0] is not ('#' or '|' or '>' or '<' or '&' or ';')).Select(word => Quote().Replace(word, "$1$2"))];

    [GeneratedRegex(@"^```[a-z]*\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^(?:\$ |[^#]*\| )?sluice (.+)$")]
    private static partial Regex Call();

    [GeneratedRegex(@"(?:'[^']*'|""[^""]*""|[^\s'""])+")]
    private static partial Regex Word();

    [GeneratedRegex(@"'([^']*)'|""([^""]*)""")]
    private static partial Regex Quote();

    [GeneratedRegex(@"^###? `(sluice [^`]+)`$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
