namespace Sluice.Scheduling;

/// <summary>Continuations on the thread pool, as they come: for channels that no engine stands behind.</summary>
internal sealed class ThreadPoolScheduler : IScheduler
{
    public static ThreadPoolScheduler Instance { get; } = new();

    public void Schedule(IRunnable item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    public void RunOnPoolThread(IRunnable item) => item.Run();
}
