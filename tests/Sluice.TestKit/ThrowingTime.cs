namespace Sluice.TestKit;

/// <summary>A clock of the user's whose calls throw, and whose timers survive what they call.</summary>
/// <param name="onCall">Throws.</param>
internal sealed class ThrowingTime(Action<string> onCall) : TimeProvider
{
    public override long GetTimestamp()
    {
        onCall("TimeProvider.GetTimestamp");
        return base.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        onCall("TimeProvider.CreateTimer");
        return new Timer(base.CreateTimer(state => Run(callback, state), state, dueTime, period), onCall);
    }

    private static void Run(TimerCallback callback, object? state)
    {
        try
        {
            callback(state);
        }
        catch (NotSupportedException)
        {
            // Its own, such as of a timestamp.
        }
    }

    // Disposal does not throw: where the framework disposes of a timer, that would end the process.
    private sealed class Timer(ITimer timer, Action<string> onCall) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            onCall("ITimer.Change");
            return timer.Change(dueTime, period);
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
