namespace Sluice.Scheduling;

/// <summary>Queues work to the thread pool, behind what is queued there already.</summary>
internal static class PoolWork
{
    public static void Queue(IThreadPoolWorkItem item)
    {
        if (LoopTurn.Current?.Scheduler is { } scheduler)
        {
            scheduler.QueueToPool(item);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
        }
    }
}
