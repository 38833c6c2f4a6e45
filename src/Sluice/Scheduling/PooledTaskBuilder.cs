using System.Runtime.CompilerServices;

namespace Sluice.Scheduling;

#pragma warning disable CA1822 // The compiler calls the methods on an instance.

/// <summary>Builds an asynchronous method that returns a <see cref="PooledTask{TResult}"/>, as <see cref="PooledMethodBuilder{TResult}"/> does.</summary>
/// <typeparam name="TResult">The type of the result.</typeparam>
internal struct PooledTaskBuilder<TResult>
{
    private PooledMethodBuilder<TResult> _builder;

    public readonly PooledTask<TResult> Task =>
        _builder.Machine is { } machine ? new PooledTask<TResult>(machine, machine.Version) : new PooledTask<TResult>(_builder.Task.Result);

    public static PooledTaskBuilder<TResult> Create() => default;

    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => _builder.Start(ref stateMachine);

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
        // Part of the pattern. Only builders that box the machine are told.
    }

    public void SetResult(TResult result) => _builder.SetResult(result);

    public void SetException(Exception exception) => _builder.SetException(exception);

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitOnCompleted(ref awaiter, ref stateMachine);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitUnsafeOnCompleted(ref awaiter, ref stateMachine);
}
