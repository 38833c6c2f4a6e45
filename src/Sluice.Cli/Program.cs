using System.CommandLine;
using Sluice.Cli;
using Sluice.Cli.Shell;

ParseResult result = CommandLine.Parse(args);
if (CommandLine.ErrorOf(result) is { } error)
{
    return Failures.Report(error, ExitCodes.Usage);
}

// The commands handle signals and errors themselves.
return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
