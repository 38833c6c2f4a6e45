using System.CommandLine;

namespace Sluice.Cli;

/// <summary><c>sluice connect</c>: its options.</summary>
internal static class ConnectCommand
{
    public static Command Create()
    {
        var address = new Argument<HostAndPort?>("HOST:PORT")
        {
            Description = "Where to connect to.",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = HostAndPort.ParseTarget,
        };
        Option<SelectorEngine> engine = CommonOptions.Engine();
        var lineFeed = new Option<bool>("--lf") { Description = "End the lines that are sent with LF instead of CR LF." };
        var command = new Command(
            "connect",
            "Send the lines that are typed, or piped in, and print what comes back. At the end of the input, half-close and wait for the server to close.")
        {
            address, engine, lineFeed,
        };
        command.SetAction((result, _) => Failures.ReportAsync(() => new InteractiveClient(
            result.GetValue(address)!.Value, result.GetValue(engine), newLine: result.GetValue(lineFeed) ? "\n" : "\r\n").RunAsync()));
        return command;
    }
}
