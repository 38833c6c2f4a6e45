using System.Diagnostics;

namespace Sluice.Faults.Attacking;

/// <summary>Lets so many actions a second begin.</summary>
internal sealed class Pace(int rate)
{
    private readonly long _interval = Stopwatch.Frequency / rate;
    private long _count;
    private long _next = Stopwatch.GetTimestamp();

    /// <summary>Gets how many actions have begun.</summary>
    public long Count => Interlocked.Read(ref _count);

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        long due = Interlocked.Add(ref _next, _interval);

        // A peer that could not keep pace does not make up for it.
        long late = Stopwatch.GetTimestamp() - due;
        if (late > Stopwatch.Frequency / 10)
        {
            Interlocked.Add(ref _next, late);
        }

        TimeSpan early = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due);
        if (early > TimeSpan.Zero)
        {
            await Task.Delay(early, cancellationToken);
        }

        Interlocked.Increment(ref _count);
    }
}
