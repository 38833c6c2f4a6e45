using System.CommandLine;

namespace Sluice.Cli.Shell;

/// <summary>Defines <c>sluice completion</c>.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell = new Argument<CompletionShell>("SHELL")
        {
            Description = "The shell: bash, zsh, fish or powershell.",
            HelpName = "SHELL",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (Enum.TryParse(text, ignoreCase: true, out CompletionShell parsed) && !char.IsAsciiDigit(text[0]))
                {
                    return parsed;
                }

                result.AddError($"There is no completion for '{text}'; use bash, zsh, fish or powershell.");
                return default;
            },
        };
        shell.CompletionSources.Clear();
        shell.CompletionSources.Add("bash", "zsh", "fish", "powershell");
        var command = new Command("completion", "Print a script that completes commands, options and their values with the Tab key.") { shell };
        command.SetAction((result, _) =>
        {
            Console.Write(CompletionScript.Of(result.GetValue(shell), CommandLine.CreateRoot()));
            return Task.FromResult(ExitCodes.Success);
        });
        return command;
    }
}
