using System.Runtime.CompilerServices;

namespace Sluice.Hosting.Connections;

/// <summary>Awaits a step of a pump, and lets the reader run when the pump waits for it.</summary>
internal readonly struct PumpStep<T>(PumpTurn turn, ValueTask<T> step) : ICriticalNotifyCompletion
{
    private readonly ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter _awaiter = step.ConfigureAwait(false).GetAwaiter();

    public bool IsCompleted => _awaiter.IsCompleted;

    public PumpStep<T> GetAwaiter() => this;

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        (Action<object?>? reader, object? state) = turn.Leave();

        // From here on the pump may run on another thread.
        _awaiter.UnsafeOnCompleted(continuation);
        reader?.Invoke(state);
    }

    public T GetResult()
    {
        turn.Enter();
        return _awaiter.GetResult();
    }
}
