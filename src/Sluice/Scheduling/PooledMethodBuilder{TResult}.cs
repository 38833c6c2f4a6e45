using System.Runtime.CompilerServices;

namespace Sluice.Scheduling;

#pragma warning disable CA1822 // The compiler calls the methods on an instance.

/// <summary>Builds an asynchronous method whose state, if it has to wait, is in an object of a pool.</summary>
/// <remarks>
/// The framework's <c>PoolingAsyncValueTaskMethodBuilder</c> returns the object to its pool also if a caller takes the result a second time, or
/// before there is one. Two methods then share the object, and the mistake of one caller fails the call of another. Here, the mistake is an
/// <see cref="InvalidOperationException"/> of the caller that makes it.
/// </remarks>
/// <typeparam name="TResult">The type of the result.</typeparam>
internal struct PooledMethodBuilder<TResult>
{
    private TResult? _result;

    /// <summary>The object of a method that has waited or failed; null if there is none yet.</summary>
    internal PooledStateMachine<TResult>? Machine;

    public readonly ValueTask<TResult> Task => Machine is { } machine ? new ValueTask<TResult>(machine, machine.Version) : new ValueTask<TResult>(_result!);

    public static PooledMethodBuilder<TResult> Create() => default;

    // The framework's builder restores the execution context and the synchronization context that the method changes before it waits.
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => default(AsyncValueTaskMethodBuilder).Start(ref stateMachine);

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
        // Part of the pattern. Only builders that box the machine are told.
    }

    public void SetResult(TResult result)
    {
        if (Machine is { } machine)
        {
            machine.SetResult(result);
        }
        else
        {
            _result = result;
        }
    }

    public void SetException(Exception exception) => (Machine ??= new FailedMethod<TResult>()).SetException(exception);

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(PooledStateMachine<TStateMachine, TResult>.Suspend(ref stateMachine, ref Machine).OwnContinuation);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine
    {
        PooledStateMachine<TStateMachine, TResult> suspended = PooledStateMachine<TStateMachine, TResult>.Suspend(ref stateMachine, ref Machine);
        if (typeof(TAwaiter) == typeof(PooledTask<WaitOutcome>))
        {
            Unsafe.As<TAwaiter, PooledTask<WaitOutcome>>(ref awaiter).OnCompleted(suspended);
        }
        else
        {
            awaiter.UnsafeOnCompleted(suspended.OwnContinuation);
        }
    }
}
