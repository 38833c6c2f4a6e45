using System.CommandLine;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Recording;

/// <summary>Defines <c>sluice replay</c> and its options.</summary>
internal static class ReplayCommand
{
    private const double MaxSeconds = 24 * 60 * 60;

    // A server that serves many clients serves so many, and a process may have more descriptors.
    private const int DefaultConnections = 100;

    public static Command Create()
    {
        var file = new Argument<string>("FILE") { Description = "The recording: a pcapng file of 'sluice relay --record' or Wireshark, or a pcap file of tcpdump." };
        CommonOptions.NeedPath(file);
        Argument<Address?> address = AddressArgument.One("The server.", AddressRole.Connect, AddressKind.All & ~AddressKind.Standard & ~AddressKind.Descriptor);
        var fast = new Option<bool>("--fast") { Description = "Send as soon as the answers that came before have arrived, not at the recorded times." };
        Option<int?> most = CommonOptions.Positive("--max-connections", $"With --fast: have at most N connections open at once (default: {DefaultConnections}).", "N");
        var compare = new Option<bool>("--compare") { Description = "Fail if an answer is not the recorded one." };
        Option<double?> timeout = CommonOptions.Seconds("--timeout", "Give up when an answer takes longer (default: 10).", MaxSeconds);
        var json = new Option<bool>("--json") { Description = "Print a line of JSON per connection." };
        var network = new NetworkOptions();
        var tls = new ClientTlsOptions();
        var command = new Command("replay", "Send what the clients of a recording sent, in the same order and at the same times, and compare what the server answers.")
        {
            file, address, fast, most, compare, timeout, json,
        };
        CommonOptions.Need(command, most, fast);
        network.AddTo(command, address, AddressRole.Connect);
        tls.AddTo(command);
        tls.NeedTls(command, address);
        command.SetAction((result, _) => Failures.ReportAsync(() => new Replay(
            result.GetValue(file)!,
            result.GetValue(address)!,
            new DialSettings(network.Read(result)) { Tls = tls.Read(result), UseTls = tls.IsWanted(result) },
            result.GetValue(fast) ? result.GetValue(most) ?? DefaultConnections : null,
            result.GetValue(compare),
            TimeSpan.FromSeconds(result.GetValue(timeout) ?? 10),
            result.GetValue(json)).RunAsync(), ErrorOutput.OfResults(result.GetValue(json))));
        return command;
    }
}
