namespace Sluice.Scheduling;

/// <summary>Something to run that tells when it has been.</summary>
internal sealed class RoundTrip : IRunnable
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Answered => _answered.Task;

    public void Run() => _answered.TrySetResult();

    void IThreadPoolWorkItem.Execute() => Run();
}
