using System.CommandLine;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Echo;

/// <summary>Defines <c>sluice echo</c> and its options.</summary>
internal static class EchoCommand
{
    private const double MaxSeconds = 24 * 60 * 60;

    public static Command Create()
    {
        Argument<Address?> address = AddressArgument.One(
            "Where to listen; port 0 picks a free port (default: 127.0.0.1:2323).",
            AddressRole.Listen,
            AddressKind.Sockets | AddressKind.Descriptor,
            ifNone: new Address(AddressKind.Tcp, "127.0.0.1", 2323));
        var network = new NetworkOptions();
        var tls = new ServerTlsOptions();
        Option<int?> loops = CommonOptions.Positive("--loops", "Number of event loops (default: number of processors).", "N", most: 1024);
        var raw = new Option<bool>("--raw") { Description = "Echo bytes as they arrive, instead of lines." };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Do not print a line per connection." };
        var json = new Option<bool>("--json") { Description = "Print events as lines of JSON: the start, and each connection." };
        Option<int?> maxLine = CommonOptions.Positive(
            "--max-line", $"Close a connection that sends a longer line (default: {LineReadOptions.DefaultMaxLength}).", "BYTES");
        Option<int?> maxConnections = CommonOptions.Positive("--max-connections", "Serve at most N connections at once; further clients wait in the backlog.", "N");
        Option<double?> idleTimeout = CommonOptions.Seconds("--idle-timeout", "Close a connection that is idle for so long.", MaxSeconds);
        Option<double?> grace = CommonOptions.Seconds(
            "--grace",
            $"After a signal, let requests in progress finish for up to so long (default: {ServeOptions.DefaultGrace.TotalSeconds}). A second signal ends the wait.",
            MaxSeconds);

        var command = new Command("echo", "Run an echo server. It sends back each line, ended by CR LF, or with --raw each byte. Ctrl-C or SIGTERM stops it gracefully.")
        {
            address, loops, raw, quiet, json, maxLine, maxConnections, idleTimeout, grace,
        };
        network.AddTo(command, address, AddressRole.Listen);
        tls.AddTo(command, result => AddressArgument.Given(result, address, AddressRole.Listen));
        OptionKinds.Need(command, address, AddressRole.Listen, AddressKind.Streams, maxLine, maxConnections, idleTimeout);
        CommonOptions.Exclude(command, raw, maxLine);
        command.SetAction((result, _) =>
        {
            var errors = ErrorOutput.OfEvents(result.GetValue(json), Console.Out);
            return Failures.ReportAsync(() => new EchoServer(Read(result, errors)).RunAsync(), errors);
        });
        return command;

        EchoSettings Read(ParseResult result, ErrorOutput errors) => new(
            result.GetValue(address)!,
            new ListenSettings(network.Read(result))
            {
                Errors = errors,
                Tls = tls.Read(result) with { Announce = ServerLog.Certificate(Console.Out, result.GetValue(json)), Errors = errors },
                UseTls = tls.IsWanted(result),
                SocketTimeout = CommonOptions.Time(result.GetValue(idleTimeout)),
            },
            result.GetValue(loops),
            result.GetValue(raw),
            result.GetValue(quiet),
            result.GetValue(maxLine),
            result.GetValue(maxConnections),
            CommonOptions.Time(result.GetValue(grace)),
            result.GetValue(json));
    }
}
