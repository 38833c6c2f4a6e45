using System.CommandLine;
using Sluice.Cli.Bench.Ramps;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Bench;

/// <summary>Defines <c>sluice bench</c> and its options.</summary>
internal static class BenchCommand
{
    public const int MaxConnections = 100_000;
    private const int MaxSize = 16 * 1024 * 1024;
    private const int MaxDepth = 4096;
    private const int SendSize = 64 * 1024;
    private const int MaxInFlight = 64 * 1024 * 1024;
    public const double MaxRate = 10_000_000;
    private const double MaxSeconds = 24 * 60 * 60;

    public static Command Create()
    {
        var defaults = new BenchSettings(new Address(AddressKind.Tcp, Address.ThisHost));
        Argument<Address?> address = AddressArgument.One("The server.", AddressRole.Connect, AddressKind.Sockets);
        var network = new NetworkOptions();
        Option<int?> connections = CommonOptions.Positive(
            "--connections", $"Number of connections (default: {defaults.Connections}).", "N", MaxConnections);
        Option<int?> size = CommonOptions.Positive(
            "--size", $"Size of a message, including the LF of a line (default: {defaults.Size}; with --send, {SendSize}).", "BYTES", MaxSize);
        Option<int?> depth = CommonOptions.Positive(
            "--depth", $"Messages in flight per connection (default: {defaults.Depth}).", "N", MaxDepth);
        Option<double?> duration = CommonOptions.Seconds(
            "--duration", $"How long to measure (default: {defaults.Duration.TotalSeconds}; with --ramp, {RampOptions.DefaultDuration.TotalSeconds} a step).", MaxSeconds);
        Option<double?> warmUp = CommonOptions.Seconds(
            "--warm-up", $"How long to run before measuring (default: {defaults.WarmUp.TotalSeconds}).", MaxSeconds);
        Option<double?> timeout = CommonOptions.Seconds(
            "--timeout", $"Give up when the server lets a connection wait for so long, with TLS (default: {defaults.Timeout.TotalSeconds}).", MaxSeconds);
        var lines = new Option<bool>("--lines") { Description = "Send lines; the answer may end with LF or CR LF. That is the default, because it suits a server that echoes bytes, too." };
        var raw = new Option<bool>("--raw") { Description = "Send random bytes, which contain no lines." };
        Option<double?> rate = Rate();
        var ramp = new RampOptions();
        Option<string?> report = CommonOptions.File("--report", "Also write the results to this file, as an HTML page with charts.");
        var connect = new Option<bool>("--connect") { Description = "Open a connection per message, and reset it after the echo." };
        var send = new Option<bool>("--send") { Description = "Only send, as fast as the server receives." };
        var receive = new Option<bool>("--receive") { Description = "Only receive, as fast as the server sends." };
        var tls = new Option<bool>("--tls") { Description = "Use TLS, and accept any certificate." };
        var spin = new Option<bool>("--spin") { Description = "Never sleep; for a load generator with a processor of its own." };
        var json = new Option<bool>("--json") { Description = "Print only the result, as one line of JSON." };

        (Option<bool> Option, LoadKind Kind)[] kinds = [(connect, LoadKind.Connect), (send, LoadKind.Send), (receive, LoadKind.Receive)];
        var command = new Command("bench", "Put an echo server under load, check every byte it sends back, and print throughput and latency.")
        {
            address, connections, size, depth, duration, warmUp, timeout, rate, lines, raw, connect, send, receive, tls, spin, report, json,
        };
        ramp.AddTo(command);
        CommonOptions.Exclude(command, lines, raw);
        network.AddTo(command, address, AddressRole.Connect);
        command.Validators.Add(result =>
        {
            if (kinds.Count(kind => result.GetResult(kind.Option) is not null) > 1)
            {
                result.AddError("Use only one of --connect, --send and --receive.");
            }
        });
        command.SetAction((result, _) =>
        {
            LoadKind kind = kinds.FirstOrDefault(one => result.GetValue(one.Option)).Kind;
            Ramp? growth = ramp.Read(result);
            return RunAsync(new BenchSettings(result.GetValue(address)!)
            {
                Network = network.Read(result),
                Kind = kind,
                Connections = result.GetValue(connections) ?? defaults.Connections,
                Size = result.GetValue(size) ?? (kind == LoadKind.Send ? SendSize : defaults.Size),
                Depth = result.GetValue(depth) ?? defaults.Depth,
                Duration = CommonOptions.Time(result.GetValue(duration)) ?? (growth is null ? defaults.Duration : RampOptions.DefaultDuration),
                WarmUp = CommonOptions.Time(result.GetValue(warmUp)) ?? defaults.WarmUp,
                Timeout = CommonOptions.Time(result.GetValue(timeout)) ?? defaults.Timeout,
                Lines = result.GetValue(lines),
                Raw = result.GetValue(raw),
                MessageRate = result.GetValue(rate),
                Ramp = growth,
                Report = result.GetValue(report),
                Tls = result.GetValue(tls) || result.GetValue(address)!.Kind == AddressKind.Tls,
                Spin = result.GetValue(spin),
                Json = result.GetValue(json),
            });
        });
        return command;
    }

    private static Option<double?> Rate() => new("--rate")
    {
        Description = "Send so many messages per second in all, at even times, whether or not answers come. Latencies count from these times.",
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out double value) && value is > 0 and <= MaxRate)
            {
                return value;
            }

            result.AddError($"--rate is a number of messages per second, more than 0 and at most {MaxRate}, not '{text}'.");
            return null;
        },
    };

    private static Task<int> RunAsync(BenchSettings settings) => WrongWith(settings) is { } wrong
        ? Task.FromResult(Failures.Report($"{wrong} Try 'sluice bench --help'.", ExitCodes.Usage))
        : Failures.ReportAsync(() => settings.Ramp is null ? new BenchRun(settings).RunAsync() : new RampRun(settings).RunAsync(), ErrorOutput.OfResults(settings.Json));

    // What cannot be combined; null if nothing is wrong.
    private static string? WrongWith(BenchSettings settings) => settings switch
    {
        _ when (long)settings.Size * settings.Depth > MaxInFlight => $"--size times --depth must be at most {MaxInFlight}.",
        { Kind: LoadKind.Connect, Depth: > 1 } => "--connect sends one message per connection; it cannot be combined with --depth.",
        { Kind: LoadKind.Connect, Tls: true } => "--connect cannot be combined with --tls.",
        { IsOneWay: true, Depth: > 1 } or { IsOneWay: true, Lines: true } => "--send and --receive count bytes; they cannot be combined with --depth or --lines.",
        { MessageRate: not null, Kind: not LoadKind.Echo } or { MessageRate: not null, Depth: > 1 } =>
            "--rate sends messages of an echo at fixed times; it cannot be combined with --connect, --send, --receive or --depth.",
        { Ramp: not null, IsOneWay: true } => "--ramp needs the latencies of an echo; it cannot be combined with --send or --receive.",
        { IsDatagram: true, Kind: not LoadKind.Echo } or { IsDatagram: true, Tls: true } => "UDP has no --connect, --send, --receive or --tls.",
        { IsDatagram: true, Size: < DatagramsInFlight.NumberSize or > DatagramSize.MostPayload } => $"A datagram has {DatagramsInFlight.NumberSize} to {DatagramSize.MostPayload} bytes.",
        _ => null,
    };
}
