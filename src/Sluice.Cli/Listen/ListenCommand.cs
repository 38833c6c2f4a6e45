using System.CommandLine;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Listen;

/// <summary>Defines <c>sluice listen</c> and its options.</summary>
internal static class ListenCommand
{
    private const int MaxConnections = 1_000_000;
    private const double MaxSeconds = 24 * 60 * 60;

    public static Command Create()
    {
        Argument<Address?> address = AddressArgument.One("Where to listen; port 0 picks a free port.", AddressRole.Listen, AddressKind.Sockets | AddressKind.Descriptor);
        var keep = new Option<bool>("--keep", "-k") { Description = "Serve one connection after the other, and print what each sends. The standard input is not sent." };
        var exec = new Option<string?>("--exec")
        {
            Description = "Run this command for each connection, with the connection as its standard input and output. SLUICE_REMOTE names the client.",
            HelpName = "COMMAND",
        };
        var chat = new Option<bool>("--chat") { Description = "Send what each client sends to all others." };
        Option<string?> file = CommonOptions.File("--file", "Send this file to each client, and close.");
        var receive = new Option<bool>("--receive") { Description = "Receive from each client as fast as it sends, and discard it; for bench --send." };
        var send = new Option<bool>("--send") { Description = "Send to each client as fast as it receives; for bench --receive." };
        Option<int?> maxConnections = CommonOptions.Positive("--max-connections", "Serve at most N connections at once; further clients wait in the backlog.", "N", MaxConnections);
        Option<double?> idle = CommonOptions.Seconds("--idle-timeout", "Close a connection that is idle for so long.", MaxSeconds);
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Print a line to standard error when a client connects or disconnects." };
        var json = new Option<bool>("--json") { Description = "Print events to standard error as lines of JSON: the start, and each connection." };
        (Option Option, ListenMode Mode)[] modes = [(exec, ListenMode.Exec), (chat, ListenMode.Chat), (file, ListenMode.File), (receive, ListenMode.Receive), (send, ListenMode.Send)];
        Option<System.Net.IPNetwork[]> proxies = NetworkList.Create();
        var network = new NetworkOptions();
        var tls = new ServerTlsOptions();
        var command = new Command(
            "listen",
            "Accept one connection, print what it sends, and send what you type or pipe in. Or serve many: with a command each, as a chat, with a file, or for bench.")
        {
            address, keep, exec, chat, file, receive, send, maxConnections, idle, verbose, json, proxies,
        };
        network.AddTo(command, address, AddressRole.Listen);
        tls.AddTo(command, result => AddressArgument.Given(result, address, AddressRole.Listen));
        OptionKinds.Need(command, address, AddressRole.Listen, AddressKind.TcpStreams | AddressKind.Descriptor, proxies);
        CommonOptions.Exclude(command, keep, exec, chat, file, receive, send);
        command.Validators.Add(result =>
        {
            // One connection, or with --keep one after the other; datagrams of several peers come at once.
            bool isSerial = Array.TrueForAll(modes, mode => result.GetResult(mode.Option) is not { Implicit: false })
                && !(result.GetValue(keep) && AddressArgument.Given(result, address, AddressRole.Listen).Any(end => end.Kind == AddressKind.Udp));
            if (isSerial && result.GetResult(maxConnections) is { Implicit: false })
            {
                result.AddError($"--max-connections needs {string.Join(", ", modes.Select(mode => mode.Option.Name))}, or --keep with udp://.");
            }
        });
        command.SetAction((result, _) =>
        {
            var errors = ErrorOutput.OfEvents(result.GetValue(json), Console.Error);
            return Failures.ReportAsync(() => new ListenServer(Read(result, errors)).RunAsync(), errors);
        });
        return command;

        ListenArguments Read(ParseResult result, ErrorOutput errors) => new(
            result.GetValue(address)!,
            new ListenSettings(network.Read(result))
            {
                Errors = errors,
                Tls = tls.Read(result) with { Announce = ServerLog.Certificate(Console.Error, result.GetValue(json)), Errors = errors },
                UseTls = tls.IsWanted(result),
                Proxies = result.GetValue(proxies) ?? [],
                IdleTimeout = CommonOptions.Time(result.GetValue(idle)),
            })
        {
            Mode = modes.FirstOrDefault(mode => result.GetResult(mode.Option) is { Implicit: false }).Mode,
            Value = result.GetValue(exec) ?? result.GetValue(file) ?? string.Empty,
            Keep = result.GetValue(keep),
            MaxConnections = result.GetValue(maxConnections),
            Verbose = result.GetValue(verbose),
            Json = result.GetValue(json),
        };
    }
}
