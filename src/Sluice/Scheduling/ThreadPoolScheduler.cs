namespace Sluice.Scheduling;

/// <summary>Runs continuations on the thread pool, without turns: for channels without an engine.</summary>
internal sealed class ThreadPoolScheduler : IScheduler
{
    public static ThreadPoolScheduler Instance { get; } = new();

    public void Schedule(IRunnable item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    public void RunOnPoolThread(IRunnable item) => item.Run();
}
