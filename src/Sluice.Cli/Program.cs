using System.CommandLine;
using Sluice.Cli;

var root = new RootCommand("Raw sockets from the command line.") { EchoCommand.Create(), ConnectCommand.Create() };
ParseResult result = root.Parse(args);
if (result.Errors.Count > 0)
{
    string command = result.CommandResult.Command == root ? "sluice" : $"sluice {result.CommandResult.Command.Name}";
    return Failures.Report($"{result.Errors[0].Message} Try '{command} --help'.", ExitCodes.Usage);
}

// The commands handle signals and failures themselves.
return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
