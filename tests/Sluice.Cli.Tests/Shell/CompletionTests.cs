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
        const string test = "compdef() { :; }; bashcompinit() { :; }; _bash_complete() { print completes $*; }; fpath=($1 $fpath); autoload -U _sluice; _sluice";
        var start = new ProcessStartInfo(zsh, ["-f", "-c", test, "zsh", Path.GetDirectoryName(script)!]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync().Soon();
        Assert.That(output, Is.EqualTo("completes -o default -F _sluice\n"));
    }

    // A folder goes on behind its slash, and a space in a name is quoted.
    [TestCase("bash", "connect --ca fold\tinn\t", "connect", "--ca", "folder/inner")]
    [TestCase("bash", "connect --ca with\t -v", "connect", "--ca", "with space.pem", "-v")]
    [TestCase("bash", "listen --file=pa\t -v", "listen", "--file=page", "-v")]
    [TestCase("bash", "listen --engine=po\t -v", "listen", "--engine=portable", "-v")]
    [TestCase("zsh", "connect --ca fold\tinn\t", "connect", "--ca", "folder/inner")]
    [TestCase("zsh", "connect --ca with\t -v", "connect", "--ca", "with space.pem", "-v")]
    [TestCase("zsh", "listen --file=pa\t -v", "listen", "--file=page", "-v")]
    [TestCase("zsh", "listen --engine=po\t -v", "listen", "--engine=portable", "-v")]
    public async Task A_tab_on_a_terminal_completes_files_and_values(string shell, string typed, params string[] arguments)
    {
        RealPeer.Find(shell);
        string terminal = RealPeer.Find("script");
        using var folder = new TemporaryFolder();
        string completion = CompletionScript.Of(Enum.Parse<CompletionShell>(shell, ignoreCase: true), CommandLine.CreateRoot());
        string start = folder.Write(".zshrc", $"autoload -U compinit 2> /dev/null && compinit -u -D\n{completion}\nsluice() {{ printf '<%s>' \"$@\"; }}\nPS1='ready: '\n");
        Directory.CreateDirectory(folder.PathOf("folder"));
        folder.Write("folder/inner", string.Empty);
        folder.Write("with space.pem", string.Empty);
        folder.Write("page", string.Empty);
        var info = new ProcessStartInfo(terminal, ["-qec", shell == "zsh" ? "zsh -i" : $"bash --rcfile {start} -i", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = Path.GetDirectoryName(start),
        };
        (info.Environment["TERM"], info.Environment["ZDOTDIR"]) = ("dumb", Path.GetDirectoryName(start));
        using Process process = Process.Start(info)!;
        await ReadUntilAsync(process.StandardOutput, "ready: ");
        await process.StandardInput.WriteAsync($"sluice {typed}\n");
        await process.StandardInput.FlushAsync();
        Assert.That(await ReadUntilAsync(process.StandardOutput, "ready: "), Does.Contain(string.Concat(arguments.Select(argument => $"<{argument}>"))));
        process.StandardInput.Close();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync().Soon();
    }

    private static async Task<string> ReadUntilAsync(StreamReader reader, string end)
    {
        var text = new System.Text.StringBuilder();
        char[] one = new char[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            Assert.That(await reader.ReadAsync(one.AsMemory()).Soon($"'{end}' after '{text}'"), Is.EqualTo(1), text.ToString());
            text.Append(one[0]);
        }

        return text.ToString();
    }

    private static string? Find(string program) =>
        $"{Environment.GetEnvironmentVariable("PATH")}".Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
