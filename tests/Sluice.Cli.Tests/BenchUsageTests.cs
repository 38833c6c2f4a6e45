namespace Sluice.Cli.Tests;

/// <summary>Command lines of <c>sluice bench</c> that are refused before there is an engine.</summary>
public sealed class BenchUsageTests
{
    [TestCase("--depth is a number", "--depth", "0")]
    [TestCase("--duration is a time of more than 0 and at most 86400 seconds", "--duration", "0")]
    [TestCase("--duration is a time of more than 0 and at most 86400 seconds", "--duration", "-1")]
    [TestCase("--size times --depth must be at most", "--size", "16777216", "--depth", "5")]
    [TestCase("cannot be combined with --depth", "--connect", "--depth", "2")]
    [TestCase("cannot be combined with --depth", "--send", "--depth", "2")]
    [TestCase("or --lines", "--receive", "--lines")]
    [TestCase("only one of", "--send", "--receive")]
    [TestCase("only one of", "--connect", "--send")]
    [TestCase("--rate is a number", "--rate", "0")]
    [TestCase("--rate sends messages", "--rate", "5", "--connect")]
    [TestCase("--lines and --raw exclude each other", "--lines", "--raw")]
    public async Task What_is_not_understood_is_one_line_and_exit_code_2(string said, params string[] options)
    {
        (int exitCode, string output, string errors) = await Cli.RunAsync(["bench", "127.0.0.1:1", .. options]);
        Assert.That((exitCode, output), Is.EqualTo((2, "")));
        Assert.That(errors, Does.StartWith("sluice: ").And.Contains(said).And.Match(@"^[^\r\n]+\r?\n$"));
    }
}
