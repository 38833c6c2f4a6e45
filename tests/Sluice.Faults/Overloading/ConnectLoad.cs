using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Faults.Overloading;

/// <summary>
/// A connection for each request. While too many are under way, further ones are given up: clients that leave before their turn comes would measure their own patience.
/// </summary>
internal sealed class ConnectLoad(SelectorManager selector, int port) : Load
{
    private const int Workers = 16;
    private const int MostUnderWay = 1000;

    // The number of hashes: about 2 ms.
    private const string Request = "2000";

    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private int _connects;
    private int _underWay;

    protected override Task SaturateAsync(CancellationToken end) => Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
    {
        while (!end.IsCancellationRequested)
        {
            await AskAsync();
        }
    }));

    protected override async Task OfferAsync(double rate, CancellationToken end)
    {
        long began = Stopwatch.GetTimestamp();
        long asked = 0;
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(s_tick, CancellationToken.None);
            for (long due = (long)(rate * Stopwatch.GetElapsedTime(began).TotalSeconds); asked < due; asked++)
            {
                if (Volatile.Read(ref _underWay) < MostUnderWay)
                {
                    _ = AskAsync();
                }
            }
        }

        // A server would work on for clients that have left, in the next window.
        while (Volatile.Read(ref _underWay) > 0)
        {
            await Task.Delay(s_tick, CancellationToken.None);
        }
    }

    private async Task AskAsync()
    {
        Interlocked.Increment(ref _underWay);
        try
        {
            await AskOnceAsync();
            CountAnswer();
        }
        catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
        {
            // A server that has too much to do may refuse.
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    private async Task AskOnceAsync()
    {
        // The ports of one address do not suffice for all connections of a minute.
        int number = Interlocked.Increment(ref _connects);
        var server = new IPEndPoint(new IPAddress([127, 0, 0, (byte)((number % 100) + 1)]), port);
        StreamSocket socket = await selector.Tcp().ConnectAsync(server, options => (options.ConnectTimeout, options.SocketTimeout) = (s_patience, s_patience));
        try
        {
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteLineAsync(Request);
            if (await connection.Input.ReadLineAsync() != Request)
            {
                throw new IOException("The server has ended.");
            }
        }
        finally
        {
            socket.Abort();
        }
    }
}
