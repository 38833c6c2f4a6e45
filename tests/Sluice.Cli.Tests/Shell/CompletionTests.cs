using System.Diagnostics;
using System.Globalization;
using Sluice.Cli.Shell;

namespace Sluice.Cli.Tests.Shell;

/// <summary>The shells themselves complete. A test is skipped where its shell is not installed.</summary>
[TestFixture]
public sealed class CompletionTests
{
    private const string PowerShellTest = """
        {0}
        foreach ($line in $args) {{ [string]::Join(' ', (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText) }}
        """;

    private const string FishTest = """
        {0}
        for line in $argv; echo (complete -C$line | string replace -r '\t.*' ''); end
        """;

    private const string BashTest = """
        {0}
        for line; do
          read -ra COMP_WORDS <<< "$line"; [[ $line == *' ' ]] && COMP_WORDS+=('')
          COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMPREPLY=(); _sluice; echo "${{COMPREPLY[*]}}"
        done
        """;

    // A shell that sorts gives the same order.
    private static readonly (string Typed, string Completed)[] s_lines =
    [
        ("sluice conn", "connect"),
        ("sluice relay --bal", "--balance"),
        ("sluice relay --balance le", "least"),
        ("sluice connect --starttls p", "pop3 postgres"),
        ("sluice cert insp", "inspect"),
        ("sluice cert renew --d", "--days"),
        ("sluice cert --da", "--days"),
        ("sluice completion f", "fish"),
        ("sluice help re", "relay replay"),
    ];

    [TestCase("Bash", "bash", BashTest, "-f")]
    [TestCase("Fish", "fish", FishTest, "--no-config")]
    [TestCase("PowerShell", "pwsh", PowerShellTest, "-NoProfile", "-File")]
    public async Task A_shell_completes_commands_options_and_values(string shell, string program, string test, params string[] options)
    {
        if (Find(program) is not { } found)
        {
            Assert.Ignore($"{program} is not installed.");
            return;
        }

        using var folder = new TemporaryFolder();
        string script = string.Format(CultureInfo.InvariantCulture, test, CompletionScript.Of(Enum.Parse<CompletionShell>(shell), CommandLine.CreateRoot()));
        string file = folder.Write($"test{(shell == "PowerShell" ? ".ps1" : "")}", script);

        // No file there has a name that a shell would complete instead.
        var start = new ProcessStartInfo(found, [.. options, file, .. s_lines.Select(line => line.Typed)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Directory.CreateDirectory(folder.PathOf("empty")).FullName,
        };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().Soon();
        await process.WaitForExitAsync().Soon();
        Assert.That(output.ReplaceLineEndings("\n").Split('\n')[..^1], Is.EqualTo(s_lines.Select(line => line.Completed)), await errors);
    }

    // What completes in zsh is what completes in bash; the file of a function is loaded by the first Tab, which has to complete, too.
    [Test]
    public async Task The_first_tab_in_zsh_completes()
    {
        if (Find("zsh") is not { } zsh)
        {
            Assert.Ignore("zsh is not installed.");
            return;
        }

        using var folder = new TemporaryFolder();
        string script = folder.Write("_sluice", CompletionScript.Of(CompletionShell.Zsh, CommandLine.CreateRoot()));
        const string test = "complete() { :; }; bashcompinit() { :; }; _bash_complete() { print completes $*; }; fpath=($1 $fpath); autoload -U _sluice; _sluice";
        var start = new ProcessStartInfo(zsh, ["-f", "-c", test, "zsh", Path.GetDirectoryName(script)!]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync().Soon();
        Assert.That(output, Is.EqualTo("completes -o default -F _sluice\n"));
    }

    private static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}".Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
