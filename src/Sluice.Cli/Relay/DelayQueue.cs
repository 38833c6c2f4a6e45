using System.Threading.Channels;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Relay;

/// <summary>Holds bytes back for the latency, in order. Further bytes are read in that time: a long line carries many at once, too.</summary>
internal sealed class DelayQueue(Faults faults, bool isDatagrams, TimeProvider clock, IdleWatch idle)
{
    // A lost segment is sent again after this time at least (RFC 6298, 2.4, as Linux has it).
    private static readonly TimeSpan s_retransmission = TimeSpan.FromMilliseconds(200);

    // 256 pieces of at most 64 KiB: what a line of 16 MiB would hold.
    private readonly Channel<(byte[] Bytes, long Due)> _queue = Channel.CreateBounded<(byte[], long)>(256);
    private long _lastDue;

    /// <summary>Queues bytes; a datagram may be lost.</summary>
    public ValueTask AddAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        bool isHit = faults.Loss > 0 && Random.Shared.NextDouble() < faults.Loss;
        if (isHit && isDatagrams)
        {
            return ValueTask.CompletedTask;
        }

        TimeSpan delay = faults.Latency + (faults.Jitter * ((Random.Shared.NextDouble() * 2) - 1)) + (isHit ? s_retransmission : default);
        long due = clock.GetTimestamp() + (long)(Math.Max(0, delay.TotalSeconds) * clock.TimestampFrequency);

        // A stream stays in order; datagrams may overtake each other only by being lost.
        _lastDue = Math.Max(_lastDue, due);
        idle.HoldUntil(_lastDue);
        return _queue.Writer.WriteAsync((bytes.ToArray(), _lastDue), cancellationToken);
    }

    public void Complete(Exception? cause = null) => _queue.Writer.TryComplete(cause);

    /// <summary>Gets the bytes when their time has come.</summary>
    public async IAsyncEnumerable<byte[]> ReadAllAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach ((byte[] bytes, long due) in _queue.Reader.ReadAllAsync(cancellationToken))
        {
            long now = clock.GetTimestamp();
            if (due > now)
            {
                await Task.Delay(clock.GetElapsedTime(now, due), clock, cancellationToken);
            }

            yield return bytes;
        }
    }
}
