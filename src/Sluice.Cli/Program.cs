using System.CommandLine;
using System.CommandLine.Help;
using Sluice.Cli;
using Sluice.Cli.Bench;

// Not a RootCommand: its name would be that of the assembly.
var root = new Command("sluice", "Echo server, interactive client, test certificates and load generator for TCP and TLS.")
{
    new HelpOption(), new VersionOption(), EchoCommand.Create(), ConnectCommand.Create(), CertificateCommand.Create(),
    BenchCommand.Create(),
};
ParseResult result = root.Parse(args);
if (result.Errors.Count > 0)
{
    bool isCommandMissing = result.CommandResult.Command == root;
    string message = isCommandMissing && result.UnmatchedTokens is [var unknown, ..]
        ? $"There is no {(unknown.StartsWith('-') ? "option" : "command")} '{unknown}'."
        : result.Errors[0].Message;
    string command = isCommandMissing ? "sluice" : $"sluice {result.CommandResult.Command.Name}";
    return Failures.Report($"{message} Try '{command} --help'.", ExitCodes.Usage);
}

// The commands handle signals and errors themselves.
return await result.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
