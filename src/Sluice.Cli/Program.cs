using System.CommandLine;
using Sluice.Cli;
using Sluice.Cli.Output;
using Sluice.Cli.Shell;

StandardStreams.Install();
ParseResult result = CommandLine.Parse(args);
if (CommandLine.ErrorOf(result) is { } error)
{
    return Failures.Report(error, ExitCodes.Usage);
}

return await Failures.ReportAsync(() => result.InvokeAsync(CommandLine.Configuration));
