using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Programs;

internal static partial class Program
{
    // In a namespace of its own, where it may say which ports the system gives.
    private static async Task ConnectToItselfAsync(SelectorEngine engine)
    {
        const int port = 40_000;
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_local_port_range", $"{port} {port + 1}");
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        int itself = 0;
        for (int i = 0; i < 50; i++)
        {
            try
            {
                await using StreamSocket socket = await selector.Tcp().ConnectAsync("127.0.0.1", port);
                Console.WriteLine($"connected to {socket.RemoteEndPoint} from {socket.LocalEndPoint}");
                return;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused)
            {
                itself += exception.Message.Contains("itself", StringComparison.Ordinal) ? 1 : 0;
            }
        }

        Console.WriteLine(itself > 0 ? "refused, also by itself" : "refused, but never by itself");
    }

    // Says where it listens, and answers who asks with what it is asked at.
    private static async Task ListenAsync(SelectorEngine engine, string address)
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        await using ServerSocket server = await selector.Tcp().BindAsync(address);
        Task serving = server.ServeAsync(async (connection, token) => await connection.Output.WriteLineAsync($"{connection.Socket.LocalEndPoint}", token));
        Console.WriteLine(server.Port);
        await Console.In.ReadToEndAsync();
        await server.StopAsync(TimeSpan.Zero);
        await serving;
    }

    // Connects to a name with these addresses, and says to which, and how long that took; or how each failed.
    private static async Task ConnectByNameAsync(SelectorEngine engine, string port, string[] addresses)
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine, NameResolver = new ScriptedResolver(addresses) });
        long started = Stopwatch.GetTimestamp();
        try
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server.example", int.Parse(port, CultureInfo.InvariantCulture));
            Console.WriteLine($"{((IPEndPoint)socket.RemoteEndPoint).Address} {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0}");
        }
        catch (ConnectException exception)
        {
            Console.WriteLine(string.Join(' ', exception.Attempts.Select(attempt => $"{((IPEndPoint)attempt.EndPoint).Address}={attempt.Error.SocketErrorCode}")));
        }
    }
}
