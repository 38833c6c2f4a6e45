namespace Sluice.Scheduling;

/// <summary>Runs continuations: an event loop, or the thread pool.</summary>
internal interface IScheduler
{
    /// <summary>Runs <paramref name="item"/> soon and never inside the caller's own stack frames.</summary>
    void Schedule(IRunnable item);

    /// <summary>
    /// Gets a value indicating whether an item runs soon even if user code blocks the threads that run items. False for the thread pool, and for
    /// loops that are not handed over.
    /// </summary>
    bool IsNeverHeldUp => false;

    /// <summary>Queues work that is not to run on this scheduler to the thread pool. A scheduler that has to run everything itself takes it.</summary>
    void QueueToPool(IThreadPoolWorkItem item) => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    /// <summary>Runs <paramref name="item"/> on this thread, which is one of the thread pool's.</summary>
    void RunOnPoolThread(IRunnable item);
}
