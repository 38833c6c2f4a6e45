using Microsoft.Extensions.Time.Testing;

namespace Sluice.TestKit;

/// <summary>Says when somebody begins to wait: time that passes earlier is not counted.</summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private int _timers;

    public int Timers => Volatile.Read(ref _timers);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _timers);
        return timer;
    }
}
