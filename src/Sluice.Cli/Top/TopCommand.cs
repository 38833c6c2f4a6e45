using System.CommandLine;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Top;

/// <summary>Defines <c>sluice top</c> and its options.</summary>
internal static class TopCommand
{
    private const double MaxSeconds = 3600;

    public static Command Create()
    {
        Argument<Address?> address = AddressArgument.One(
            "Where the server has its debug page (default: localhost:5000).", AddressRole.Connect, AddressKind.StreamListeners, ifNone: new Address(AddressKind.Tcp, Address.ThisHost, 5000));
        var path = new Option<string>("--path") { Description = "Path of the debug page, as MapSluiceDebug maps it (default: /debug/sluice).", HelpName = "URL_PATH", DefaultValueFactory = _ => "/debug/sluice" };
        var header = new Option<string[]>("--header") { Description = "Send this header, such as 'Authorization: Bearer TOKEN'.", HelpName = "HEADER" };
        Option<double?> interval = CommonOptions.Seconds("--interval", "Time between two looks (default: 1).", MaxSeconds);
        Option<TopOrder> sort = CommonOptions.OneOf<TopOrder>("--sort", "Order of the connections (default: rate).", "order");
        var filter = new Option<string?>("--filter") { Description = "Show only sockets that contain this text.", HelpName = "TEXT" };
        var once = new Option<bool>("--once") { Description = "Look twice, print once, and end. That is the default if the output is no terminal, or a dumb one." };
        var json = new Option<bool>("--json") { Description = "Print what the server says, as one line of JSON, and end." };
        var network = new NetworkOptions();
        var tls = new ClientTlsOptions();
        var command = new Command("top", "Watch a running server over its debug page: throughput, connections, what waits for what, and how busy its event loops are.")
        {
            address, path, header, interval, sort, filter, once, json,
        };
        network.AddTo(command, address, AddressRole.Connect);
        tls.AddTo(command);
        tls.NeedTls(command, address);
        command.SetAction((result, _) => Failures.ReportAsync(async () =>
        {
            tls.Read(result).CheckFiles();
            await using SelectorManager selector = network.Read(result).CreateSelector();
            var dialer = new Dialer(selector, new DialSettings(network.Read(result)) { Tls = tls.Read(result), UseTls = tls.IsWanted(result) });
            using var source = new TopSource(dialer, result.GetValue(address)!, result.GetValue(path)!, result.GetValue(header) ?? []);
            if (result.GetValue(json))
            {
                Console.WriteLine(TopSnapshot.ToLine(await source.ReadTextAsync(CancellationToken.None)));
                return ExitCodes.Success;
            }

            TimeSpan time = CommonOptions.Time(result.GetValue(interval)) ?? TimeSpan.FromSeconds(1);
            var view = new TopView { Order = result.GetValue(sort), Filter = result.GetValue(filter) ?? string.Empty };
            if (result.GetValue(once) || Console.IsOutputRedirected || StandardStreams.IsInputRedirected || !SystemTerminal.TakesSequences)
            {
                return await TopOnce.RunAsync(source, view, time);
            }

            using var signals = new StopSignals();
            return await new TopScreen(source.ReadAsync, view, time, new SystemTerminal()).RunAsync(signals.Stopping);
        }, ErrorOutput.OfResults(result.GetValue(json))));
        return command;
    }
}
