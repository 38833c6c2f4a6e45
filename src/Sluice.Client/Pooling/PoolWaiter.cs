namespace Sluice.Client.Pooling;

/// <summary>A caller that waits for a connection: gets one, or null for the right to open one.</summary>
internal sealed class PoolWaiter<TConnection> : TaskCompletionSource<PoolEntry<TConnection>?>
{
    public PoolWaiter()
        : base(TaskCreationOptions.RunContinuationsAsynchronously) =>
        Node = new LinkedListNode<PoolWaiter<TConnection>>(this);

    /// <summary>The place in the queue. Guarded by the pool's lock.</summary>
    public LinkedListNode<PoolWaiter<TConnection>> Node { get; }
}
