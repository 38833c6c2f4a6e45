using System.Runtime.CompilerServices;

namespace Sluice.Scheduling;

#pragma warning disable CA1822 // The compiler calls the methods on an instance.

/// <inheritdoc cref="PooledMethodBuilder{TResult}"/>
internal struct PooledMethodBuilder
{
    // The result says nothing.
    private PooledMethodBuilder<bool> _builder;

    public readonly ValueTask Task => _builder.Machine is { } machine ? new ValueTask(machine, machine.Version) : ValueTask.CompletedTask;

    public static PooledMethodBuilder Create() => default;

    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => _builder.Start(ref stateMachine);

    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
        // Part of the pattern. Only builders that box the machine are told.
    }

    public void SetResult() => _builder.SetResult(true);

    public void SetException(Exception exception) => _builder.SetException(exception);

    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitOnCompleted(ref awaiter, ref stateMachine);

    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => _builder.AwaitUnsafeOnCompleted(ref awaiter, ref stateMachine);
}
