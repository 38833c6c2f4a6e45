using System.CommandLine;
using System.Net;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Output;

namespace Sluice.Cli.Udp;

/// <summary>Defines <c>sluice udp</c> and its options.</summary>
internal static class UdpCommand
{
    private const double MaxSeconds = 24 * 60 * 60;
    private const int MaxTimeToLive = 255;

    public static Command Create()
    {
        var end = new Argument<string[]>("END_POINT")
        {
            Description = "Where to receive, or with --send where to send: HOST:PORT, with or without udp://.",
            Arity = new ArgumentArity(1, 2),
        };
        Option<byte[]> send = EscapedText.Option("--send", @"Send this text, in which \r, \n, \t, \\ and \xHH stand for bytes, and print the answers with their times.");
        Option<int?> count = CommonOptions.Positive("--count", "Send so many datagrams (default: 1), or end after so many received ones.", "N");
        Option<double?> interval = CommonOptions.Seconds("--interval", "With --send: time between two datagrams (default: 1).", MaxSeconds);
        Option<double?> wait = CommonOptions.Seconds("--wait", "With --send: wait so long for answers after the last datagram (default: 1).", MaxSeconds);
        Option<IPAddress[]> join = JoinOption();
        Option<int?> timeToLive = CommonOptions.Positive("--ttl", "With --send: time to live, also of multicasts.", "N", MaxTimeToLive);
        var broadcast = new Option<bool>("--broadcast") { Description = "With --send: allow a broadcast address." };
        var hex = new Option<bool>("--hex") { Description = "Print the bytes as hexadecimal numbers." };
        var json = new Option<bool>("--json") { Description = "Print a line of JSON per datagram." };
        var network = new NetworkOptions();
        var command = new Command("udp", "Show datagrams with their senders, also of multicast groups, or send some and time the answers. Fails if none comes.")
        {
            end, send, count, interval, wait, join, timeToLive, broadcast, hex, json,
        };
        network.AddTo(command);
        CommonOptions.Exclude(command, hex, json);
        CommonOptions.Exclude(command, join, send);
        foreach (Option option in (Option[])[interval, wait, timeToLive, broadcast])
        {
            CommonOptions.Need(command, option, send);
        }

        command.Validators.Add(result =>
        {
            if (Parse(result.GetValue(end) ?? [], isSender: result.GetResult(send) is not null, out string? error) is null && error is not null)
            {
                result.AddError(error);
            }
        });
        command.SetAction((result, _) => Failures.ReportAsync(() => new UdpTool(
            new UdpArguments(Parse(result.GetValue(end)!, isSender: result.GetResult(send) is not null, out string? _)!, network.Read(result))
            {
                Groups = result.GetValue(join) ?? [],
                Payload = result.GetResult(send) is null ? null : result.GetValue(send),
                Count = result.GetValue(count),
                Interval = TimeSpan.FromSeconds(result.GetValue(interval) ?? 1),
                Wait = TimeSpan.FromSeconds(result.GetValue(wait) ?? 1),
                TimeToLive = result.GetValue(timeToLive),
                Broadcast = result.GetValue(broadcast),
                Hex = result.GetValue(hex),
                Json = result.GetValue(json),
            }).RunAsync(), ErrorOutput.OfResults(result.GetValue(json))));
        return command;
    }

    // An end point of this command needs no udp://.
    private static Address? Parse(string[] tokens, bool isSender, out string? error)
    {
        IReadOnlyList<string> joined = AddressTokens.Join(tokens);
        if (joined is not [var text])
        {
            error = joined.Count > 1 ? $"'{joined[1]}' is one end point too many." : null;
            return null;
        }

        AddressRole role = isSender ? AddressRole.Connect : AddressRole.Listen;
        return AddressArgument.TryParse(text, role, AddressKind.Udp | AddressKind.Tcp, out error) is { } address ? address with { Kind = AddressKind.Udp } : null;
    }

    private static Option<IPAddress[]> JoinOption() => new("--join")
    {
        Description = "Join this multicast group; several can be given.",
        HelpName = "ADDRESS",
        CustomParser = result =>
        {
            var groups = new List<IPAddress>();
            foreach (string text in result.Tokens.Select(token => token.Value))
            {
                if (IPAddress.TryParse(text, out IPAddress? group) && (group.IsIPv6Multicast || group.GetAddressBytes() is [>= 224 and < 240, _, _, _]))
                {
                    groups.Add(group);
                }
                else
                {
                    result.AddError($"'{text}' is not the address of a multicast group.");
                }
            }

            return [.. groups];
        },
    };
}
