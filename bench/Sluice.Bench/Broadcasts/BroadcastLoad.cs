using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;

namespace Sluice.Bench.Broadcasts;

/// <summary>Asks for broadcasts, and reads what each connection gets of them; prints results like <c>sluice bench</c>.</summary>
internal sealed class BroadcastLoad(Scenario scenario, int port)
{
    private static readonly double[] s_percents = [50, 75, 90, 95, 99, 99.9, 100];

    private readonly long _bytesARound = (long)scenario.Size * scenario.Depth;
    private readonly List<double> _latencies = [];
    private int _pending;
    private long _asked;
    private bool _measures;
    private TaskCompletionSource _round = new();

    public static async Task<int> RunAsync(Scenario scenario, int port, TimeSpan duration)
    {
        var load = new BroadcastLoad(scenario, port);
        return await load.RunAsync(duration);
    }

    private async Task<int> RunAsync(TimeSpan duration)
    {
        // One loop, so that what the reads count needs no lock.
        await using var selector = new SelectorManager(new SelectorOptions { LoopCount = 1 });
        if (scenario.HasStuckMember)
        {
            await ConnectAsync(selector);
        }

        var connections = new List<Connection>();
        for (int i = 0; i < scenario.Connections; i++)
        {
            connections.Add(await ConnectAsync(selector));
        }

        foreach (Connection connection in connections)
        {
            _ = ReadAsync(connection);
        }

        await LoadAsync(connections[0], scenario.From);
        _measures = true;
        DateTime began = DateTime.UtcNow;
        long started = Stopwatch.GetTimestamp();
        long rounds = await LoadAsync(connections[0], duration);
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Print(began, seconds, rounds * scenario.Depth * scenario.Connections / seconds);
        foreach (Connection connection in connections)
        {
            connection.Abort();
        }

        return 0;
    }

    // The server sends a byte when the connection is a member.
    private async Task<Connection> ConnectAsync(SelectorManager selector)
    {
        StreamSocket socket = await selector.Tcp().ConnectAsync("127.0.0.1", port);
        Connection connection = socket.OpenConnection();
        await connection.Input.SkipExactlyAsync(1);
        return connection;
    }

    private async Task<long> LoadAsync(Connection asking, TimeSpan time)
    {
        byte[] command = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(command, scenario.Depth);
        long started = Stopwatch.GetTimestamp();
        long rounds = 0;
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            _pending = scenario.Connections;
            _round = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _asked = Stopwatch.GetTimestamp();
            await asking.Output.WriteAsync(command);
            await asking.Output.FlushAsync();
            await _round.Task;
            rounds++;
        }

        return rounds;
    }

    private async Task ReadAsync(Connection connection)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                for (long left = _bytesARound; left > 0;)
                {
                    int count = await connection.Input.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)));
                    left -= count > 0 ? count : throw new EndOfStreamException("The server disconnected.");
                }

                if (_measures)
                {
                    _latencies.Add(Stopwatch.GetElapsedTime(_asked).TotalMicroseconds);
                }

                if (--_pending == 0)
                {
                    _round.SetResult();
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The load is over.
        }
        catch (Exception exception)
        {
            _round.TrySetException(exception);
        }
    }

    private void Print(DateTime began, double seconds, double rate)
    {
        _latencies.Sort();
        IEnumerable<string> percentiles = s_percents.Select(percent =>
        {
            int index = Math.Min((int)(percent / 100 * _latencies.Count), _latencies.Count - 1);
            return string.Create(CultureInfo.InvariantCulture, $"[{percent}, {_latencies[index]:0.0}]");
        });
        long from = (long)(began - DateTime.UnixEpoch).TotalMicroseconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"rate": {{rate}}, "began": {{from}}, "ended": {{from + (long)(seconds * 1e6)}}, "percentiles": [{{string.Join(", ", percentiles)}}]}"""));
    }
}
