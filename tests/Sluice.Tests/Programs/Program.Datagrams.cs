using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;

namespace Sluice.Tests.Programs;

internal static partial class Program
{
    /// <summary>A UDP socket that does what it is told, a line each.</summary>
    private static async Task RunDatagramsAsync(SelectorEngine engine)
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        DatagramSocket? socket = null;
        while (await Console.In.ReadLineAsync() is { } command)
        {
            try
            {
                string[] words = command.Split(' ');
                if (words[0] == "bind")
                {
                    socket = await selector.Udp().BindAsync(words[1], int.Parse(words[2], CultureInfo.InvariantCulture), options => Ask(options, words[3..]));
                    Console.WriteLine(socket.Port);
                }
                else
                {
                    Console.WriteLine(await DoAsync(socket!, words));
                }
            }
            catch (SocketException exception)
            {
                Console.WriteLine(exception.SocketErrorCode);
            }
            catch (Exception exception)
            {
                Console.WriteLine(exception.ToString().ReplaceLineEndings(" "));
            }
        }
    }

    private static void Ask(UdpSocketOptions options, string[] words)
    {
        options.Broadcast = words.Contains("broadcast");
        options.ReceivePacketInfo = words.Contains("info");
        options.ReuseAddress = words.Contains("reuse");
        options.ReceiveTimeToLive = words.Contains("ttl");
    }

    private static async Task<string> DoAsync(DatagramSocket socket, string[] words)
    {
        switch (words)
        {
            case ["join", var group]:
                socket.JoinGroup(IPAddress.Parse(group), IndexOfWire());
                return "joined";
            case ["join", var group, var source]:
                socket.JoinGroup(IPAddress.Parse(group), IPAddress.Parse(source), IndexOfWire());
                return "joined";
            case ["leave", var group]:
                socket.LeaveGroup(IPAddress.Parse(group), IndexOfWire());
                return "left";
            case ["multicast", var timeToLive, var loopback]:
                socket.Options.MulticastInterface = IndexOfWire();
                socket.Options.MulticastTimeToLive = int.Parse(timeToLive, CultureInfo.InvariantCulture);
                socket.Options.MulticastLoopback = bool.Parse(loopback);
                return $"{socket.Options.MulticastTimeToLive} {socket.Options.MulticastLoopback} {socket.Options.MulticastInterface == IndexOfWire()}";
            case ["send", var address, var port, var text]:
                var to = new IPEndPoint(IPAddress.Parse(address), int.Parse(port, CultureInfo.InvariantCulture));
                await socket.SendAsync(Encoding.ASCII.GetBytes(text), to);
                return "sent";
            case ["burst", var address, var port, var count, var size]:
                return await BurstAsync(socket, new IPEndPoint(IPAddress.Parse(address), int.Parse(port, CultureInfo.InvariantCulture)), int.Parse(count, CultureInfo.InvariantCulture), int.Parse(size, CultureInfo.InvariantCulture));
            case ["whole", var whole]:
                socket.Options.DontFragment = bool.Parse(whole);
                return $"{socket.Options.DontFragment}";
            case ["gather", var count]:
                return await GatherAsync(socket, int.Parse(count, CultureInfo.InvariantCulture));
            case ["receive"]:
                using (Datagram datagram = await socket.ReceiveAsync())
                {
                    string text = Encoding.ASCII.GetString(datagram.Payload.Span);
                    DatagramInfo info = datagram.Info;
                    string at = info.InterfaceIndex == 0 ? "" : info.InterfaceIndex == IndexOfWire() ? "wire" : $"{info.InterfaceIndex}";
                    return $"{text} from {((IPEndPoint)datagram.RemoteEndPoint).Address} to {info.LocalAddress} at {at} ttl {info.TimeToLive}";
                }

            default:
                throw new ArgumentException($"What is '{string.Join(' ', words)}'?");
        }
    }

    // Datagrams that tell their number, in batches and in turns of the loop.
    private static async Task<string> BurstAsync(DatagramSocket socket, IPEndPoint to, int count, int size)
    {
        OutgoingDatagram[] batch = [.. Enumerable.Range(0, count).Select(i => new OutgoingDatagram(Pattern.Bytes(size, i), to))];
        await socket.SendAsync(new byte[1], socket.LocalEndPoint);
        await socket.ReceiveAsync(new byte[1]);
        foreach (OutgoingDatagram datagram in batch)
        {
            await socket.SendAsync(datagram.Payload, to);
        }

        return $"{await socket.SendBatchAsync(batch)}";
    }

    private static async Task<string> GatherAsync(DatagramSocket socket, int count)
    {
        for (int i = 0; i < 2 * count; i++)
        {
            using Datagram datagram = await socket.ReceiveAsync();
            Pattern.Check(datagram.Payload.Span, i % count);
        }

        return "all";
    }

    private static int IndexOfWire() => NetworkInterface.GetAllNetworkInterfaces().Single(one => one.Name == "wire").GetIPProperties().GetIPv4Properties().Index;
}
