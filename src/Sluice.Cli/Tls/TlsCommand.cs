using System.CommandLine;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Tls;

/// <summary>Defines <c>sluice tls</c> and its options.</summary>
internal static class TlsCommand
{
    private const double MaxSeconds = 24 * 60 * 60;

    public static Command Create()
    {
        Argument<Address?> address = AddressArgument.One("The server.", AddressRole.Connect, AddressKind.StreamListeners);
        Option<double?> timeout = CommonOptions.Seconds("--timeout", "Give up when connecting takes longer (default: 30).", MaxSeconds);
        Option<int?> days = CommonOptions.Positive("--expires-within", "Fail if the certificate expires within so many days.", "DAYS", 3650);
        var noVersions = new Option<bool>("--no-versions") { Description = "Do not try each version of TLS, which takes a connection each." };
        var json = new Option<bool>("--json") { Description = "Print the result as one line of JSON." };
        Option<Proxy[]> via = Proxy.Option();
        var network = new NetworkOptions();
        var tls = new ClientTlsOptions();
        var command = new Command("tls", "Say what a TLS server has: versions, cipher suite, certificate chain and expiry, and why its certificate is refused. Fails if it is.")
        {
            address, timeout, days, noVersions, json, via,
        };
        network.AddTo(command, address, AddressRole.Connect);
        tls.AddTo(command, withSwitch: false);
        OptionKinds.Need(command, address, AddressRole.Connect, AddressKind.TcpStreams, via);
        network.Need(command, via);
        command.SetAction((result, _) => Failures.ReportAsync(() => new TlsReport(
            result.GetValue(address)!,
            new DialSettings(network.Read(result))
            {
                Via = result.GetValue(via) ?? [],
                UseTls = true,
                Tls = tls.Read(result),
                Timeout = CommonOptions.Time(result.GetValue(timeout)),
            },
            result.GetValue(days),
            !result.GetValue(noVersions),
            result.GetValue(json)).RunAsync(), ErrorOutput.OfResults(result.GetValue(json))));
        return command;
    }
}
