using System.CommandLine;
using System.CommandLine.Parsing;

namespace Sluice.Cli.Bench;

/// <summary><c>sluice bench</c>: its options.</summary>
internal static class BenchCommand
{
    private const int MaxConnections = 100_000;
    private const int MaxSize = 16 * 1024 * 1024;
    private const int MaxDepth = 4096;
    private const int SendSize = 64 * 1024;
    private const int MaxInFlight = 64 * 1024 * 1024;
    private const double MaxSeconds = 24 * 60 * 60;

    public static Command Create()
    {
        var defaults = new BenchSettings(default(HostAndPort));
        var address = new Argument<HostAndPort?>("HOST:PORT")
        {
            Description = "The server.",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = HostAndPort.ParseTarget,
        };
        Option<SelectorEngine> engine = CommonOptions.Engine();
        Option<int?> connections = CommonOptions.Positive(
            "--connections", $"How many connections; {defaults.Connections} unless given.", "N", MaxConnections);
        Option<int?> size = CommonOptions.Positive(
            "--size", $"How long a message is, of a line its LF included; {defaults.Size} unless given, with --send {SendSize}.", "BYTES", MaxSize);
        Option<int?> depth = CommonOptions.Positive(
            "--depth", $"How many messages are in flight on a connection; {defaults.Depth} unless given.", "N", MaxDepth);
        Option<double?> duration = CommonOptions.Seconds(
            "--duration", $"How long to count; {defaults.Duration.TotalSeconds} unless given.", MaxSeconds);
        Option<double?> warmUp = CommonOptions.Seconds(
            "--warm-up", $"How long to run before that; {defaults.WarmUp.TotalSeconds} unless given.", MaxSeconds);
        var lines = new Option<bool>("--lines") { Description = "Send lines; the answer may end with CR LF." };
        var connect = new Option<bool>("--connect") { Description = "Connect for each message, and reset the connection after its echo." };
        var send = new Option<bool>("--send") { Description = "Send one way, as fast as the server takes it." };
        var receive = new Option<bool>("--receive") { Description = "Receive one way, as fast as the server sends." };
        var tls = new Option<bool>("--tls") { Description = "Under TLS, with whatever certificate the server shows." };
        var spin = new Option<bool>("--spin") { Description = "Never sleep; for a load with a processor of its own." };
        var json = new Option<bool>("--json") { Description = "Print the result alone, as one line of JSON." };

        var command = new Command("bench", "Load a server, check every byte of what it echoes, and tell how fast it is.")
        {
            address, connections, size, depth, duration, warmUp, lines, connect, send, receive, tls, spin, engine, json,
        };
        command.Validators.Add(result =>
        {
            OptionResult?[] kinds = [result.GetResult(connect), result.GetResult(send), result.GetResult(receive)];
            if (kinds.Count(kind => kind is not null) > 1)
            {
                result.AddError("Of --connect, --send and --receive there can be one.");
            }
        });
        command.SetAction((result, _) =>
        {
            LoadKind kind = result.GetValue(connect) ? LoadKind.Connect
                : result.GetValue(send) ? LoadKind.Send
                : result.GetValue(receive) ? LoadKind.Receive
                : LoadKind.Echo;
            return RunAsync(new BenchSettings(result.GetValue(address)!.Value)
            {
                Engine = result.GetValue(engine),
                Kind = kind,
                Connections = result.GetValue(connections) ?? defaults.Connections,
                Size = result.GetValue(size) ?? (kind == LoadKind.Send ? SendSize : defaults.Size),
                Depth = result.GetValue(depth) ?? defaults.Depth,
                Duration = result.GetValue(duration) is { } seconds ? TimeSpan.FromSeconds(seconds) : defaults.Duration,
                WarmUp = result.GetValue(warmUp) is { } before ? TimeSpan.FromSeconds(before) : defaults.WarmUp,
                Lines = result.GetValue(lines),
                Tls = result.GetValue(tls),
                Spin = result.GetValue(spin),
                Json = result.GetValue(json),
            });
        });
        return command;
    }

    private static async Task<int> RunAsync(BenchSettings settings)
    {
        string? wrong = (long)settings.Size * settings.Depth > MaxInFlight ? $"--size times --depth is at most {MaxInFlight}."
            : settings is { Kind: LoadKind.Connect, Depth: > 1 } ? "--connect has one message a connection: no --depth."
            : settings is { Kind: LoadKind.Connect, Tls: true } ? "--connect is without TLS."
            : settings is { IsOneWay: true, Depth: > 1 } or { IsOneWay: true, Lines: true } ? "--send and --receive have bytes alone: no --depth, no --lines."
            : null;
        return wrong is null
            ? await Failures.ReportAsync(() => new Load(settings, new BenchOutput(settings)).RunAsync())
            : Failures.Report($"{wrong} Try 'sluice bench --help'.", ExitCodes.Usage);
    }
}
