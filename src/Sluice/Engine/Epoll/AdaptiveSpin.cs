using System.Diagnostics;

namespace Sluice.Engine.Epoll;

/// <summary>
/// Decides whether a loop should look again for a few microseconds before it sleeps. Waking a thread costs more than a
/// round trip on the same machine, so it pays while events follow each other closely, and only then.
/// </summary>
internal sealed class AdaptiveSpin
{
    private const int Best = 8;
    private const int SpinFrom = 2;

    // A wait this many times as long as the spin would have been shorter by the cost of the wake-up, had we spun.
    private const int ShortWaitFactor = 3;

    private static readonly int s_maxSpinners = Math.Max(1, Environment.ProcessorCount / 2);
    private static int s_spinners;

    private readonly long _duration;
    private int _score;

    public AdaptiveSpin(TimeSpan duration) =>
        _duration = Environment.ProcessorCount > 1 ? (long)(duration.TotalSeconds * Stopwatch.Frequency) : 0;

    /// <summary>Spins if it seems worth it, until <paramref name="look"/> finds something. What it found, 0 for nothing.</summary>
    public int Spin(Func<int> look)
    {
        if (_duration == 0 || _score < SpinFrom || Interlocked.Increment(ref s_spinners) > s_maxSpinners)
        {
            if (_duration != 0 && _score >= SpinFrom)
            {
                Interlocked.Decrement(ref s_spinners);
            }

            return 0;
        }

        int found;
        long end = Stopwatch.GetTimestamp() + _duration;
        do
        {
            found = look();
        }
        while (found == 0 && Stopwatch.GetTimestamp() < end);

        Interlocked.Decrement(ref s_spinners);
        _score = found != 0 ? Math.Min(_score + 1, Best) : Math.Max(_score - 2, 0);
        return found;
    }

    /// <summary>A sleep has ended after so long.</summary>
    public void Slept(long started)
    {
        if (_duration != 0 && Stopwatch.GetTimestamp() - started < _duration * ShortWaitFactor)
        {
            _score = Math.Min(_score + 1, Best);
        }
    }
}
