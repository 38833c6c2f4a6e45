using System.Diagnostics;

namespace Sluice.Engine.Epoll;

/// <summary>
/// Decides whether a loop polls for a few microseconds before it sleeps, and whether it polls at all. To wake a thread takes longer than a round trip
/// on the same machine, so polling pays while events follow each other closely, and only then. A poll that finds nothing is a system call in vain.
/// </summary>
internal sealed class AdaptiveSpin
{
    // How many short sleeps in a row make a spin worth trying.
    private const int ShortSleepsToTry = 2;

    // Each spin without a result doubles the number of further short sleeps, up to this. The cost of vain spins is then about 20 ns a sleep.
    private const int MaxPenalty = 1023;

    // Leaves the core's other hardware thread to the thread that causes the next event.
    private const int PauseBetweenPolls = 30;

    // A sleep counts as short up to this many spins. A spin would have saved the time that the wake-up took.
    private const int ShortSleepFactor = 3;

    // A wait that ends sooner was no sleep: something was ready. A system call that does not sleep takes 0.3 to 1.5 µs, depending on the machine.
    private static readonly long s_shortestSleep = Stopwatch.Frequency * 2 / 1_000_000;

    // Other threads do not get a processor on which a loop spins. With a single processor they wait for one spin at the most.
    private static readonly int s_maxSpinners = Math.Max(1, Environment.ProcessorCount / 2);

    // Interlocked, by all loops.
    private static int s_spinners;

    // Of the loop that owns this, with the counts and the guess.
    private readonly long _duration;
    private int _shortSleeps;
    private int _penalty;
    private bool _expectsSleep;
    private long _spun;

    public AdaptiveSpin(TimeSpan duration) => _duration = (long)(duration.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Time spent spinning so far, in ticks of the stopwatch. The loop writes, any thread reads.</summary>
    public long Spun => Volatile.Read(ref _spun);

    /// <summary>Gets a value indicating whether a sleep comes next in all likelihood, so that a poll before it is not worth a system call.</summary>
    public bool ExpectsSleep => _expectsSleep && !IsDue;

    private bool IsDue => _duration != 0 && _shortSleeps >= ShortSleepsToTry + _penalty;

    /// <summary>Spins after a poll that has found nothing, if that seems worth it, until <paramref name="poll"/> finds something. Returns its last result; 0 for nothing.</summary>
    public int Spin(Func<int> poll)
    {
        _expectsSleep = true;
        if (!IsDue)
        {
            return 0;
        }

        if (Interlocked.Increment(ref s_spinners) > s_maxSpinners)
        {
            Interlocked.Decrement(ref s_spinners);
            return 0;
        }

        int found;
        long began = Stopwatch.GetTimestamp();
        long now = began;
        while ((found = poll()) == 0 && (now = Stopwatch.GetTimestamp()) - began < _duration)
        {
            Thread.SpinWait(PauseBetweenPolls);
        }

        _spun += now - began;

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

    /// <summary>Counts a wait for events, whose duration is in ticks of the stopwatch.</summary>
    public void Slept(long duration)
    {
        _expectsSleep = duration >= s_shortestSleep;
        if (_duration != 0 && duration < _duration * ShortSleepFactor)
        {
            _shortSleeps = Math.Min(_shortSleeps + 1, ShortSleepsToTry + MaxPenalty);
        }
    }
}
