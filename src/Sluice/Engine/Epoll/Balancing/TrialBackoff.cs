namespace Sluice.Engine.Epoll.Balancing;

/// <summary>When to try a change again: after a time that doubles with each trial that did not pay.</summary>
/// <param name="shortest">The first time, in ticks of the stopwatch.</param>
/// <param name="longest">The longest time.</param>
internal sealed class TrialBackoff(long shortest, long longest)
{
    // 0 until the first trial.
    private long _wait;
    private long _next;

    public bool IsDue(long now) => now >= _next;

    public void Record(bool paid, long now)
    {
        _wait = paid ? shortest : Math.Clamp(2 * _wait, shortest, longest);
        _next = now + _wait;
    }
}
