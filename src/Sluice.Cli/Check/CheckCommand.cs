using System.CommandLine;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Check;

/// <summary>Defines <c>sluice check</c> and its options.</summary>
internal static class CheckCommand
{
    private const double MaxSeconds = 60 * 60;
    private const double DefaultTimeout = 5;
    private const double DefaultWait = 2;

    public static Command Create()
    {
        Argument<Address?> address = AddressArgument.One("The server.", AddressRole.Connect, AddressKind.StreamListeners);
        Option<byte[]> send = EscapedText.Option(
            "--send", @"Send this text first, in which \r, \n, \t, \\ and \xHH stand for bytes, and expect an answer.");
        Option<double?> timeout = CommonOptions.Seconds("--timeout", "Give up when a step of connecting takes longer (default: 5).", MaxSeconds);
        Option<double?> wait = CommonOptions.Seconds("--wait", "How long to see what the server sends (default: 2).", MaxSeconds);
        var json = new Option<bool>("--json") { Description = "Print each step, and the end, as lines of JSON." };
        Option<Proxy[]> via = Proxy.Option();
        Option<ProxyHeader?> header = ProxyHeaderOption.Create();
        var network = new NetworkOptions();
        var tls = new ClientTlsOptions();
        var command = new Command(
            "check",
            "Find out why a server does not answer: look up its name, connect to each of its addresses, begin TLS, see what it sends, and say what is wrong and what to try.")
        {
            address, send, timeout, wait, json, via, header,
        };
        network.AddTo(command, address, AddressRole.Connect);
        tls.AddTo(command);
        tls.NeedTls(command, address);
        OptionKinds.Need(command, address, AddressRole.Connect, AddressKind.TcpStreams, via);
        network.Need(command, via);
        command.SetAction((result, _) => Failures.ReportAsync(() => new ServerCheck(new CheckSettings(
            result.GetValue(address)!,
            new DialSettings(network.Read(result))
            {
                Via = result.GetValue(via) ?? [],
                Header = result.GetValue(header),
                Tls = tls.Read(result),
                UseTls = tls.IsWanted(result),
                Timeout = CommonOptions.Time(result.GetValue(timeout) ?? DefaultTimeout),
            },
            TimeSpan.FromSeconds(result.GetValue(wait) ?? DefaultWait),
            result.GetValue(send) ?? [],
            result.GetValue(json))).RunAsync(), ErrorOutput.OfResults(result.GetValue(json))));
        return command;
    }
}
