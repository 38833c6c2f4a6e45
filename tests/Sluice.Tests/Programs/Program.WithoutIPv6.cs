using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Programs;

internal static partial class Program
{
    // Binds and connects where the kernel has no IPv6, as it is told, a line each.
    private static async Task RunWithoutIPv6Async(SelectorEngine engine)
    {
        Console.WriteLine(WithoutIPv6.TryBegin() ? "ready" : "not possible");
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        while (await Console.In.ReadLineAsync() is { } command)
        {
            try
            {
                Console.WriteLine(await BindAndTalkAsync(selector, command.Split(' ')));
            }
            catch (Exception exception)
            {
                Console.WriteLine($"{(exception as SocketException)?.SocketErrorCode.ToString() ?? exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    private static async Task<string> BindAndTalkAsync(SelectorManager selector, string[] words)
    {
        switch (words)
        {
            case ["tcp", var host, .. var options]:
                await using (ServerSocket server = await selector.Tcp().BindAsync(host, 0, listener => listener.IPv6Only = options.Contains("only")))
                await using (await selector.Tcp().ConnectAsync("127.0.0.1", server.Port))
                await using (StreamSocket accepted = await server.AcceptAsync())
                {
                    return string.Join(' ', server.LocalEndPoints.Select(endPoint => ((IPEndPoint)endPoint).Address));
                }

            case ["udp", var host, .. var options]:
                await using (DatagramSocket socket = await selector.Udp().BindAsync(host, 0, udp => udp.IPv6Only = options.Contains("only")))
                await using (DatagramSocket client = await selector.Udp().ConnectAsync("127.0.0.1", socket.Port, new IPEndPoint(IPAddress.IPv6Any, 0)))
                {
                    await client.SendAsync(new byte[1]);
                    await socket.ReceiveAsync(new byte[1]);
                    return $"{((IPEndPoint)socket.LocalEndPoint).Address}";
                }

            case ["connect", "tcp"]:
                await using (await selector.Tcp().ConnectAsync("::1", 7))
                {
                    return "connected";
                }

            default:
                await using (await selector.Udp().ConnectAsync("::1", 7))
                {
                    return "connected";
                }
        }
    }
}
