namespace Sluice.Cli.Bench;

/// <summary>When the messages of one connection are due, at an even rate.</summary>
/// <param name="rate">Messages per second, of all connections.</param>
/// <param name="connections">The number of connections.</param>
/// <param name="number">The number of this connection: the messages of the connections alternate.</param>
/// <param name="start">When the first message of the first connection is due.</param>
/// <param name="clock">The clock.</param>
/// <param name="waitUntil">Waits until a timestamp of the clock, such as a <see cref="Pacer"/>.</param>
internal sealed class Schedule(double rate, int connections, int number, long start, TimeProvider clock, Func<long, CancellationToken, Task> waitUntil)
{
    // Messages that are due within it are sent together: the waits of a high rate would take up the processor.
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(0.25);

    private readonly double _interval = connections / rate * clock.TimestampFrequency;
    private readonly double _first = start + (number / rate * clock.TimestampFrequency);
    private readonly long _ticks = (long)(s_tick.TotalSeconds * clock.TimestampFrequency);
    private long _taken;

    /// <summary>Gets when the next message was due, and takes it off the schedule.</summary>
    public long NextDue() => (long)(_first + (_taken++ * _interval));

    /// <summary>Waits until messages are due. Returns how many.</summary>
    public async ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long now = clock.GetTimestamp();
            double due = _first + (_taken * _interval);
            if (now >= due)
            {
                return (int)Math.Min(1 + ((now - due) / _interval), int.MaxValue);
            }

            // Rounded up: a wait that ended just before would be followed by another one.
            await waitUntil(Math.Max((long)Math.Ceiling(due), now + _ticks), cancellationToken);
        }
    }
}
