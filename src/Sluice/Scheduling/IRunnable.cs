namespace Sluice.Scheduling;

/// <summary>
/// A piece of work that may run user code. Where the thread pool queues it, <see cref="IThreadPoolWorkItem.Execute"/> passes it to the
/// scheduler that it belongs to.
/// </summary>
internal interface IRunnable : IThreadPoolWorkItem
{
    void Run();
}
