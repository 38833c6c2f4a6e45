using System.Diagnostics;

namespace Sluice.Scheduling;

/// <summary>Represents a method that has failed before it had to wait.</summary>
internal sealed class FailedMethod<TResult> : PooledStateMachine<TResult>
{
    protected override void Continue() => throw new UnreachableException();

    protected override void Return()
    {
        // It belongs to no pool.
    }
}
