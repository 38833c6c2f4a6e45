using System.Diagnostics;

namespace Sluice.Faults.Overloading;

/// <summary>Requests over connections that stay. Those that a connection has no room for are given up: its writer waits.</summary>
internal sealed class RequestLoad(SelectorManager selector, int port) : Load
{
    private const int Connections = 64;
    private const int UnderWay = 4;
    private const int MostAtOnce = 1000;

    // The number of hashes: about 100 µs.
    private const string Request = "250\n";

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(2);
    private static readonly byte[] s_requests = System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Request, MostAtOnce)));

    protected override Task SaturateAsync(CancellationToken end) => OverConnectionsAsync(async connection =>
    {
        await connection.Output.WriteAsync(s_requests.AsMemory(0, UnderWay * Request.Length), end);
        while (await connection.Input.ReadLineAsync(end) is not null)
        {
            CountAnswer();
            await connection.Output.WriteAsync(s_requests.AsMemory(0, Request.Length), end);
        }
    }, end);

    protected override Task OfferAsync(double rate, CancellationToken end) =>
        OverConnectionsAsync(connection => Task.WhenAll(ReadAsync(connection, end), WriteAsync(connection, rate / Connections, end)), end);

    private async Task OverConnectionsAsync(Func<Connection, Task> use, CancellationToken end) =>
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            StreamSocket socket = await selector.Tcp().ConnectAsync("127.0.0.1", port, cancellationToken: CancellationToken.None);
            try
            {
                await use(socket.OpenConnection());
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The window is over.
            }
            finally
            {
                socket.Abort();
            }
        }));

    private async Task ReadAsync(Connection connection, CancellationToken end)
    {
        while (await connection.Input.ReadLineAsync(end) is not null)
        {
            CountAnswer();
        }
    }

    private static async Task WriteAsync(Connection connection, double rate, CancellationToken end)
    {
        using var timer = new PeriodicTimer(s_tick);
        long since = Stopwatch.GetTimestamp();
        double due = 0;
        while (await timer.WaitForNextTickAsync(end))
        {
            long now = Stopwatch.GetTimestamp();
            due += rate * Stopwatch.GetElapsedTime(since, now).TotalSeconds;
            since = now;
            int count = (int)Math.Min(due, MostAtOnce);
            due -= (int)due;
            if (count > 0)
            {
                await connection.Output.WriteAsync(s_requests.AsMemory(0, count * Request.Length), end);

                // What was due while it waited for room is given up.
                since = Stopwatch.GetTimestamp() - now > Stopwatch.Frequency / 10 ? Stopwatch.GetTimestamp() : now;
            }
        }
    }
}
