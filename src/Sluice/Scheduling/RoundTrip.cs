namespace Sluice.Scheduling;

/// <summary>A piece of work that does nothing, and completes a task when a scheduler has run it.</summary>
internal sealed class RoundTrip : IRunnable
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Answered => _answered.Task;

    public void Run() => _answered.TrySetResult();

    void IThreadPoolWorkItem.Execute() => Run();
}
