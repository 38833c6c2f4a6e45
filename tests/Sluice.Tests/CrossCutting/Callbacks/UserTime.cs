namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>A clock of the user's, that is right.</summary>
internal sealed class UserTime(Action<string> onCall) : TimeProvider
{
    public override long GetTimestamp()
    {
        onCall("TimeProvider.GetTimestamp");
        return base.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        onCall("TimeProvider.CreateTimer");
        return new Timer(base.CreateTimer(callback, state, dueTime, period), onCall);
    }

    private sealed class Timer(ITimer timer, Action<string> onCall) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            onCall("ITimer.Change");
            return timer.Change(dueTime, period);
        }

        public void Dispose()
        {
            onCall("ITimer.Dispose");
            timer.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            onCall("ITimer.Dispose");
            return timer.DisposeAsync();
        }
    }
}
