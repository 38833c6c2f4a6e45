using System.Collections.Concurrent;
using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>
/// Sends messages on one connection at the times of a schedule, whether or not answers come. A latency counts from the time at which the message should have
/// been sent: a server that stops for a second delays all messages of that second, and not only the one that waits for it (coordinated omission).
/// </summary>
internal sealed class PacedLoad(Connection connection, Messages messages, Schedule schedule, LoadTotals totals)
{
    // A server that is so far behind does not catch up; its messages would only pile up in memory.
    private const int MaxInFlight = 1 << 20;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly AnswerCheck _check = new(messages);

    // The times at which the messages in flight were due.
    private readonly ConcurrentQueue<long> _due = new();

    // The first is written by the task that sends, the second by the one that receives.
    private long _sent;
    private long _back;

    /// <summary>Runs until canceled.</summary>
    /// <exception cref="IOException">The server closed the connection, or sent back something else.</exception>
    public Task RunAsync(CancellationToken cancellationToken) => BothWays.RunAsync(SendAsync, ReceiveAsync, cancellationToken);

    private async Task SendAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int count = await schedule.WaitAsync(cancellationToken);
            while (count > 0)
            {
                int piece = Math.Min(count, messages.Depth);
                for (int i = 0; i < piece; i++)
                {
                    _due.Enqueue(schedule.NextDue());
                }

                _sent += piece;
                await connection.Output.WriteAsync(messages.Sent.Slice((_sent - piece) * messages.Size, piece * messages.Size), cancellationToken);
                count -= piece;
                if (_sent - Volatile.Read(ref _back) >= MaxInFlight)
                {
                    throw new IOException($"{MaxInFlight} messages are without an answer.");
                }
            }
        }
    }

    private async Task ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int count = await connection.Input.ReadAsync(_buffer, cancellationToken);
            if (count == 0)
            {
                throw new IOException("The server closed a connection.");
            }

            int complete = _check.Add(_buffer.AsSpan(0, count));
            long now = Stopwatch.GetTimestamp();
            for (int i = 0; i < complete; i++)
            {
                totals.Add(_due.TryDequeue(out long due) ? due : now, now);
            }

            Volatile.Write(ref _back, _back + complete);
        }
    }
}
