using System.CommandLine;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;
using Sluice.Cli.Shell;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Relay;

/// <summary>Defines <c>sluice relay</c> and its options.</summary>
internal static class RelayCommand
{
    private const int MaxConnections = 1_000_000;
    private const double MaxSeconds = 24 * 60 * 60;

    public static Command Create()
    {
        Argument<RelayEnds> ends = RelayEnds.Argument();
        Option<Balance> balance = CommonOptions.OneOf<Balance>(
            "--balance", "With several targets: each in turn, the one with the fewest connections, or the first that works (default: roundrobin).", "way to balance");
        Option<double?> check = CommonOptions.Seconds("--check", "Connect to each target so often, and prefer those that answer. Commands and descriptors are not checked.", MaxSeconds);
        Option<double?> timeout = CommonOptions.Seconds("--timeout", "Try the next target when one does not answer for so long (default: 30).", MaxSeconds);
        Option<double?> idle = CommonOptions.Seconds("--idle-timeout", "Close a connection over which no bytes pass for so long, in either direction; a peer of UDP after 60.", MaxSeconds);
        Option<double?> grace = CommonOptions.Seconds("--grace", "After a signal, let connections go on for so long (default: 5). A second signal ends the wait. After a hand-over they go on until they end, or for so long if it is given.", MaxSeconds);
        Option<int?> maxConnections = CommonOptions.Positive("--max-connections", "Relay at most N connections at once; further clients wait in the backlog.", "N", MaxConnections);
        Option<int?> loops = CommonOptions.Positive("--loops", "Number of event loops (default: number of processors).", "N", most: 1024);
        Option<System.Net.IPNetwork[]> proxies = NetworkList.Create();
        Option<ProxyProtocolVersion?> sendProxy = SendProxyOption();
        Option<string?> record = CommonOptions.File("--record", "Record what is relayed as a pcapng file, for Wireshark and 'sluice replay'; without TLS, also if there is TLS.");
        var handOver = new Option<string?>("--hand-over") { Description = "Unix socket path: take the listener over from the relay that runs with the same path, and hand it to the next one. Linux only.", HelpName = "PATH" };
        var quiet = new Option<bool>("--quiet", "-q") { Description = "Do not print a line per connection." };
        var json = new Option<bool>("--json") { Description = "Print events as lines of JSON." };
        var faults = new FaultOptions();
        var network = new NetworkOptions();
        var server = new ServerTlsOptions();
        var client = new ClientTlsOptions("--target-");
        var command = new Command(
            "relay",
            "Relay connections to a target, or to several. Any kind of end point goes to any kind: TLS or plain, TCP, UDP, Unix, a command. Options disturb it on purpose, or record it.")
        {
            ends, balance, check, timeout, idle, grace, maxConnections, loops, proxies, sendProxy, record, handOver, quiet, json,
        };
        faults.AddTo(command);
        network.AddTo(command, RelayEnds.AllOf);
        server.AddTo(command, RelayEnds.ListenOf, withSwitch: false);
        client.AddTo(command, withSwitch: false);
        client.NeedTls(command, RelayEnds.TargetsOf, "--starttls, or a TARGET");
        OptionKinds.Need(command, RelayEnds.ListenOf, AddressKind.TcpStreams | AddressKind.Descriptor, proxies);
        OptionKinds.Need(command, RelayEnds.ListenOf, AddressKind.StreamListeners, handOver);
        OptionKinds.Need(command, RelayEnds.ListenOf, AddressKind.Sockets | AddressKind.Descriptor, maxConnections);
        OptionKinds.Need(command, RelayEnds.TargetsOf, AddressKind.Streams, sendProxy);
        OptionKinds.NeedOne(command, RelayEnds.TargetsOf, AddressKind.Sockets, check, timeout);
        command.SetAction((result, _) => Failures.ReportAsync(
            () => new RelayServer(Read(result), CommandLine.HasFile ? () => Read(CommandLine.ParseAgain(result)) : null).RunAsync(), ErrorsOf(result)));
        return command;

        ErrorOutput ErrorsOf(ParseResult result) => ErrorOutput.OfEvents(result.GetValue(json), Console.Error);

        RelayArguments Read(ParseResult result) => new(
            result.GetValue(ends)!.Listen,
            result.GetValue(ends)!.Targets,
            new ListenSettings(network.Read(result))
            {
                Errors = ErrorsOf(result),
                Tls = server.Read(result) with { Announce = ServerLog.Certificate(Console.Error, result.GetValue(json)), Errors = ErrorsOf(result) },
                Proxies = result.GetValue(proxies) ?? [],
                IdleTimeout = CommonOptions.Time(result.GetValue(idle)),
            },
            new DialSettings(network.Read(result))
            {
                Tls = client.Read(result),
                UseTls = client.IsWanted(result),
                Timeout = CommonOptions.Time(result.GetValue(timeout)),
                DatagramLinger = TimeSpan.FromSeconds(2),
            })
        {
            Balance = result.GetValue(balance),
            Check = CommonOptions.Time(result.GetValue(check)),
            Faults = faults.Read(result),
            MaxConnections = result.GetValue(maxConnections),
            Grace = CommonOptions.Time(result.GetValue(grace)),
            SendProxy = result.GetValue(sendProxy),
            Record = result.GetValue(record),
            HandOver = result.GetValue(handOver),
            Loops = result.GetValue(loops),
            Quiet = result.GetValue(quiet),
            Json = result.GetValue(json),
        };
    }

    private static Option<ProxyProtocolVersion?> SendProxyOption() => new("--send-proxy")
    {
        Description = "Send the target a PROXY header of this version, which names the client.",
        HelpName = "v1|v2",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            ProxyProtocolVersion? version = text switch
            {
                "v1" => ProxyProtocolVersion.V1,
                "v2" => ProxyProtocolVersion.V2,
                _ => null,
            };
            if (version is null)
            {
                result.AddError($"There is no version '{text}' of the PROXY protocol; use v1 or v2.");
            }

            return version;
        },
    };
}
