namespace Sluice.Scheduling;

/// <summary>
/// A piece of work that may run user code. The pool may queue it too: <see cref="IThreadPoolWorkItem.Execute"/> then finds the scheduler it
/// belongs to.
/// </summary>
internal interface IRunnable : IThreadPoolWorkItem
{
    void Run();
}
