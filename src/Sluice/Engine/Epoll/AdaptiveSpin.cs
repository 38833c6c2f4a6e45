using System.Diagnostics;

namespace Sluice.Engine.Epoll;

/// <summary>
/// Decides whether a loop should look again for a few microseconds before it sleeps. Waking a thread costs more than a
/// round trip on the same machine, so it pays while events follow each other closely, and only then.
/// </summary>
internal sealed class AdaptiveSpin
{
    // So many short sleeps in a row of which none was spun for make the first spin worth it.
    private const int ShortSleepsToTry = 2;

    // A spin in vain doubles how many more it takes, up to about this: what is lost to trying is then a fiftieth of a microsecond a sleep.
    private const int MaxPenalty = 1023;

    // Leaves the processor's other hardware thread to whoever is to bring about what is waited for.
    private const int PauseBetweenLooks = 30;

    // A sleep this many times as long as the spin would have been shorter by the cost of the wake-up, had we spun.
    private const int ShortSleepFactor = 3;

    // A processor that spins is one that other threads do not get. A process that has only one gives them up to one spin's delay.
    private static readonly int s_maxSpinners = Math.Max(1, Environment.ProcessorCount / 2);
    private static int s_spinners;

    private readonly long _duration;
    private int _shortSleeps;
    private int _penalty;

    public AdaptiveSpin(TimeSpan duration) => _duration = (long)(duration.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Spins if it seems worth it, until <paramref name="look"/> finds something. What it found, 0 for nothing.</summary>
    public int Spin(Func<int> look)
    {
        if (_duration == 0 || _shortSleeps < ShortSleepsToTry + _penalty)
        {
            return 0;
        }

        if (Interlocked.Increment(ref s_spinners) > s_maxSpinners)
        {
            Interlocked.Decrement(ref s_spinners);
            return 0;
        }

        int found;
        long end = Stopwatch.GetTimestamp() + _duration;
        while ((found = look()) == 0 && Stopwatch.GetTimestamp() < end)
        {
            Thread.SpinWait(PauseBetweenLooks);
        }

        Interlocked.Decrement(ref s_spinners);
        if (found != 0)
        {
            _penalty >>= 2;
        }
        else
        {
            _penalty = Math.Min((2 * _penalty) + 1, MaxPenalty);
            _shortSleeps = 0;
        }

        return found;
    }

    /// <summary>A sleep has ended, after so many ticks of the stopwatch.</summary>
    public void Slept(long duration)
    {
        if (_duration != 0 && duration < _duration * ShortSleepFactor)
        {
            _shortSleeps = Math.Min(_shortSleeps + 1, ShortSleepsToTry + MaxPenalty);
        }
    }
}
