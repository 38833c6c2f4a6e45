using System.CommandLine;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Connect;

/// <summary>Defines <c>sluice connect</c> and its options.</summary>
internal static class ConnectCommand
{
    private const double MaxSeconds = 24 * 60 * 60;

    public static Command Create()
    {
        Argument<Address?> address = AddressArgument.One("The server.", AddressRole.Connect, AddressKind.All & ~AddressKind.Standard);
        var lineFeed = new Option<bool>("--lf") { Description = "End typed lines with LF instead of CR LF." };
        var carriageReturn = new Option<bool>("--crlf") { Description = "Turn each LF of piped input into CR LF; all else is sent as it is." };
        var hex = new Option<bool>("--hex") { Description = "Print the bytes of both directions as hexadecimal numbers and text." };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Say on standard error who is connected, how long it took, and what TLS negotiated." };
        var probe = new Option<bool>("--probe", "-z") { Description = "Only test whether the server accepts a connection, and say how long it took." };
        var json = new Option<bool>("--json") { Description = "With --probe: print the result as one line of JSON." };
        Option<double?> timeout = CommonOptions.Seconds("--timeout", "Give up when connecting takes longer, with proxies and TLS.", MaxSeconds);
        Option<double?> wait = CommonOptions.Seconds(
            "--wait", "After the end of the input, end when the server sends nothing for so long (default: wait until it closes; 1 for UDP).", MaxSeconds);
        Option<Proxy[]> via = Proxy.Option();
        Option<ProxyHeader?> header = ProxyHeaderOption.Create();
        var network = new NetworkOptions();
        var tls = new ClientTlsOptions();
        var command = new Command(
            "connect",
            "Send the lines you type, or the bytes you pipe in, and print what the server sends. At the end of the input, half-close and wait for the server to close.")
        {
            address, lineFeed, carriageReturn, hex, verbose, probe, json, timeout, wait, via, header,
        };
        network.AddTo(command, address, AddressRole.Connect);
        tls.AddTo(command);
        CommonOptions.Need(command, json, probe);
        CommonOptions.Exclude(command, hex, json);
        CommonOptions.Exclude(command, lineFeed, carriageReturn);
        foreach (Option option in (Option[])[hex, lineFeed, carriageReturn, wait])
        {
            CommonOptions.Exclude(command, probe, option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(lineFeed) && StandardStreams.IsInputRedirected)
            {
                result.AddError("--lf is for typed lines; piped input is sent as it is.");
            }
        });
        tls.NeedTls(command, address);
        OptionKinds.Need(command, address, AddressRole.Connect, AddressKind.TcpStreams, via);
        network.Need(command, via);
        OptionKinds.Need(command, address, AddressRole.Connect, AddressKind.Streams, probe, header);
        OptionKinds.Need(command, address, AddressRole.Connect, AddressKind.Sockets | AddressKind.Descriptor, timeout);
        command.SetAction((result, _) => Failures.ReportAsync(() => new Client(new ConnectSettings(
            result.GetValue(address)!,
            new DialSettings(network.Read(result))
            {
                Via = result.GetValue(via) ?? [],
                Header = result.GetValue(header),
                Tls = tls.Read(result) with { Announces = !result.GetValue(probe) || result.GetValue(verbose) },
                UseTls = tls.IsWanted(result),
                Timeout = CommonOptions.Time(result.GetValue(timeout)),
            })
        {
            NewLine = result.GetValue(lineFeed) ? "\n" : "\r\n",
            Input = InputOf(result.GetValue(carriageReturn)),
            Hex = result.GetValue(hex),
            Verbose = result.GetValue(verbose),
            Probe = result.GetValue(probe),
            Json = result.GetValue(json),
            Wait = CommonOptions.Time(result.GetValue(wait)) ?? (result.GetValue(address)!.Kind == AddressKind.Udp ? TimeSpan.FromSeconds(1) : null),
        }).RunAsync()));
        return command;
    }

    private static InputForm InputOf(bool converts)
    {
        if (!StandardStreams.IsInputRedirected)
        {
            return InputForm.TypedLines;
        }

        return converts ? InputForm.ConvertedBytes : InputForm.Bytes;
    }
}
