using System.Diagnostics;

namespace Sluice.Cli.Bench;

/// <summary>When the messages of one connection are due, at an even rate.</summary>
/// <param name="rate">Messages per second, of all connections.</param>
/// <param name="connections">The number of connections.</param>
/// <param name="number">The number of this connection: the messages of the connections alternate.</param>
/// <param name="clock">The clock.</param>
internal sealed class Schedule(double rate, int connections, int number, TimeProvider clock)
{
    // A timer of the system has about this resolution; messages that are due within it are sent together.
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);

    private readonly double _interval = connections / rate * Stopwatch.Frequency;
    private readonly double _first = clock.GetTimestamp() + (number / rate * Stopwatch.Frequency);
    private long _taken;

    /// <summary>Gets when the next message was due, and takes it off the schedule.</summary>
    public long NextDue() => (long)(_first + (_taken++ * _interval));

    /// <summary>Waits until messages are due. Returns how many.</summary>
    public async ValueTask<int> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double behind = clock.GetTimestamp() - (_first + (_taken * _interval));
            if (behind >= 0)
            {
                return (int)Math.Min(1 + (behind / _interval), int.MaxValue);
            }

            TimeSpan left = TimeSpan.FromSeconds(-behind / Stopwatch.Frequency);
            await Task.Delay(left > s_tick ? left : s_tick, clock, cancellationToken);
        }
    }
}
