using System.CommandLine;
using Sluice.Cli.Shell;

namespace Sluice.Cli.Tests;

[TestFixture]
public sealed class ShellTests
{
    private static IEnumerable<string> Names => CommandLine.AllOf(CommandLine.CreateRoot()).Select(CommandLine.PathOf);

    [TestCaseSource(nameof(Names))]
    public void A_man_page_has_every_option_and_argument(string path)
    {
        Command command = CommandLine.AllOf(CommandLine.CreateRoot()).Single(one => CommandLine.PathOf(one) == path);
        string page = ManPage.Of(command).Replace("\\-", "-", StringComparison.Ordinal).Replace("\\e", "\\", StringComparison.Ordinal);
        Assert.That(page, Does.StartWith(".TH SLUICE-"));
        foreach (Symbol symbol in (Symbol[])[.. OptionTable.OptionsOf(command), .. command.Arguments])
        {
            Assert.That(page, Does.Contain(symbol.Name).And.Contains(symbol.Description!));
        }
    }

    [TestCaseSource(nameof(Names))]
    public void Man_prints_a_page_without_a_warning(string path)
    {
        RealPeer.Find("groff");
        string page = ManPage.Of(CommandLine.AllOf(CommandLine.CreateRoot()).Single(one => CommandLine.PathOf(one) == path));
        using var folder = new TemporaryFolder();
        string complaints = Run("groff", "-man", "-ww", "-z", folder.Write("page", page));
        Assert.That(complaints, Is.Empty);
    }

    [TestCase("conn", "connect")]
    [TestCase("connect --starttls p", "pop3 postgres")]
    [TestCase("relay --bal", "--balance")]
    [TestCase("bench --engine e", "epoll")]
    public void Bash_completes(string typed, string expected)
    {
        RealPeer.Find("bash");
        using var folder = new TemporaryFolder();
        string script = folder.Write("script", CompletionScript.Of(CompletionShell.Bash, CommandLine.CreateRoot()));
        string words = $"sluice {typed}";
        Assert.That(
            Run("bash", "-c", $"source {script}; COMP_WORDS=({words}); COMP_CWORD={words.Split(' ').Length - 1}; _sluice; echo -n \"${{COMPREPLY[*]}}\""),
            Is.EqualTo(expected));
    }

    [TestCase("Zsh")]
    [TestCase("Fish")]
    [TestCase("PowerShell")]
    public void Scripts_of_other_shells_have_every_command_and_option(string shell)
    {
        Command root = CommandLine.CreateRoot();
        string script = CompletionScript.Of(Enum.Parse<CompletionShell>(shell), root);
        foreach (Command command in root.Subcommands)
        {
            Assert.That(script, Does.Contain(command.Name));
            foreach (Option option in OptionTable.OptionsOf(command))
            {
                Assert.That(script, Does.Contain(shell == "Fish" ? option.Name.TrimStart('-') : option.Name));
            }
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(RealPeer.Find(program), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + errors.Result;
    }
}
