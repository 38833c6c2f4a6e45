using Microsoft.Extensions.Time.Testing;

namespace Sluice.TestKit;

/// <summary>Tells when a wait begins: time that passes earlier does not count for it.</summary>
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
