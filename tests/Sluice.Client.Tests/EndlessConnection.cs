namespace Sluice.Client.Tests;

/// <summary>A connection whose disposal never ends.</summary>
internal sealed class EndlessConnection : IAsyncDisposable
{
    /// <summary>Completed when the disposal has begun.</summary>
    public TaskCompletionSource Disposing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask DisposeAsync()
    {
        Disposing.TrySetResult();
        return new ValueTask(new TaskCompletionSource().Task);
    }
}
