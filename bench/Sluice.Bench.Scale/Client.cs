using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;

namespace Sluice.Bench.Scale;

/// <summary>
/// The clients of a server, from an address of their own. Obeys its input: "open COUNT", and "busy RATE SECONDS" to send lines at a rate over all of the
/// connections, and count the answers. Prints a number after each.
/// </summary>
internal sealed class Client(SelectorManager selector, IPEndPoint server, string address, bool tls, string[] say)
{
    private const int Together = 64;

    private readonly List<Connection> _connections = [];
    private long _answers;

    public static async Task RunAsync(int port, string address, bool tls, string say)
    {
        await using var selector = new SelectorManager();
        var client = new Client(selector, new IPEndPoint(IPAddress.Loopback, port), address, tls, say.Split(';', StringSplitOptions.RemoveEmptyEntries));
        while (Console.In.ReadLine()?.Split(' ') is { } command)
        {
            double[] numbers = [.. command.Skip(1).Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
            Console.WriteLine(command[0] == "open" ? await client.OpenAsync((int)numbers[0]) : await client.SendAsync(numbers[0], numbers[1]));
        }

        client._connections.ForEach(connection => connection.Abort());
    }

    private async Task<int> OpenAsync(int count)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = Together }, async (number, token) =>
        {
            StreamSocket socket = await selector.Tcp().ConnectAsync(server, options => options.LocalEndPoint = new IPEndPoint(IPAddress.Parse(address), 0), token);
            Connection connection = socket.OpenConnection();
            if (tls)
            {
                connection = await connection.UpgradeToTlsClientAsync(
                    new SslClientAuthenticationOptions { TargetHost = "localhost" }.DangerousAcceptAnyCertificate(), cancellationToken: token);
            }

            foreach (string line in say)
            {
                await connection.Output.WriteLineAsync(line, token);
                await connection.Input.ReadLineAsync(token);
            }

            lock (_connections)
            {
                _connections.Add(connection);
            }

            if (say is ["echo"])
            {
                _ = CountAsync(connection);
            }
        });
        return _connections.Count;
    }

    private async Task CountAsync(Connection connection)
    {
        while (await connection.Input.ReadLineAsync() is not null)
        {
            Interlocked.Increment(ref _answers);
        }
    }

    // One connection after another, a few every millisecond.
    private async Task<long> SendAsync(double rate, double seconds)
    {
        long before = Interlocked.Read(ref _answers);
        long started = Stopwatch.GetTimestamp();
        long sent = 0;
        while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed.TotalSeconds < seconds)
        {
            for (; sent < rate * elapsed.TotalSeconds; sent++)
            {
                _connections[(int)(sent % _connections.Count)].Outbox.PostLine("0123456789012345678901234567890");
            }

            await Task.Delay(1);
        }

        await Task.Delay(200);
        return Interlocked.Read(ref _answers) - before;
    }
}
