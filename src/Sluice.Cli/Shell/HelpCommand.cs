using System.CommandLine;

namespace Sluice.Cli.Shell;

/// <summary>Defines <c>sluice help</c>.</summary>
internal static class HelpCommand
{
    public static Command Create()
    {
        var name = new Argument<string[]>("COMMAND") { Description = "The command.", Arity = ArgumentArity.ZeroOrMore };
        name.HelpName = "COMMAND";
        name.CompletionSources.Add([.. Commands.All.Select(entry => entry.Name)]);
        var man = new Option<bool>("--man") { Description = "Print the man page, for 'man -l -' or a file of /usr/local/share/man/man1." };
        var command = new Command("help", "Explain a command, or print its man page.") { name, man };
        command.SetAction((result, _) => Task.FromResult(Run(result.GetValue(name) ?? [], result.GetValue(man))));
        return command;
    }

    private static int Run(string[] words, bool man)
    {
        Command command = CommandLine.CreateRoot();
        foreach (string word in words)
        {
            if (command.Subcommands.FirstOrDefault(one => one.Name == word) is not { } next)
            {
                return Failures.Report(
                    $"There is no command '{word}'.{Suggestion.For(word, command.Subcommands.Select(one => one.Name))} Try 'sluice --help'.", ExitCodes.Usage);
            }

            command = next;
        }

        if (man)
        {
            Console.Write(ManPage.Of(command));
            return ExitCodes.Success;
        }

        return CommandLine.Parse([.. words, "--help"]).Invoke(CommandLine.Configuration);
    }
}
