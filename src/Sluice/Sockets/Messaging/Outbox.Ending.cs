using Sluice.Channels.Messages;

namespace Sluice;

// The end, and the groups that the connection then leaves.
public sealed partial class Outbox
{
    private readonly Lock _lock = new();

    // Guarded by _lock. A group takes it inside of its own.
    private HashSet<ConnectionGroup>? _groups;
    private bool _isClosed;

    /// <summary>Notes a group that the connection leaves when it closes; false if it is closed.</summary>
    internal bool TryJoin(ConnectionGroup group)
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                (_groups ??= []).Add(group);
            }

            return !_isClosed;
        }
    }

    /// <summary>Forgets a group that the connection has left.</summary>
    internal void Leave(ConnectionGroup group)
    {
        lock (_lock)
        {
            _groups?.Remove(group);
        }
    }

    void IMessageQueueOwner.OnClosed()
    {
        HashSet<ConnectionGroup>? groups;
        lock (_lock)
        {
            _isClosed = true;
            groups = _groups;
            _groups = null;
        }

        foreach (ConnectionGroup group in groups ?? [])
        {
            group.Remove(Connection);
        }
    }

    void IMessageQueueOwner.OnDiscarded(int count)
    {
        if (Connection.Owner.Metrics is { IsCountingDroppedMessages: true })
        {
            // On the pool: a listener of the meter is the user's.
            ThreadPool.UnsafeQueueUserWorkItem(static state => state.Outbox.CountDrops(state.count, "closed"), (Outbox: this, count), preferLocal: false);
        }
    }

    // A listener that throws must end neither a post that has queued its message nor a thread of the pool.
    private void CountDrops(int count, string reason)
    {
        try
        {
            Connection.Owner.Metrics?.DropMessages(count, reason);
        }
        catch (Exception exception)
        {
            Connection.Owner.ReportObserverFailure(exception);
        }
    }
}
