namespace Sluice.Scheduling;

/// <summary>Runs continuations: an event loop, or the thread pool.</summary>
internal interface IScheduler
{
    /// <summary>Runs <paramref name="item"/> soon and never inside the caller's own stack frames.</summary>
    void Schedule(IRunnable item);

    /// <summary>Runs <paramref name="item"/> on this thread, which is one of the thread pool's.</summary>
    void RunOnPoolThread(IRunnable item);
}
