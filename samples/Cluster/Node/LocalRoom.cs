using Cluster.Grains;
using Cluster.Store;
using Sluice;

namespace Cluster.Node;

#pragma warning disable CA1001 // A semaphore without a wait handle has nothing to dispose of.

/// <summary>A room at this node: the connections that are in it. All of them have the messages up to the same number.</summary>
internal sealed class LocalRoom(string name, IMessageStore store)
{
    private const int Batch = 500;
    private const int MaxRecent = 100;

    // Lets one caller at a time read the store for the whole room.
    private readonly SemaphoreSlim _filling = new(1);

    // Guards the fields below.
    private readonly Lock _lock = new();
    private readonly ConnectionGroup _members = new();
    private readonly Queue<Message> _recent = [];
    private long _last;
    private int _joining;
    private bool _isRetired;

    /// <summary>Whether the last attempt to renew the lease has not ended.</summary>
    public bool IsRenewing { get; set; }

    /// <summary>Sends a client what it has missed, and adds it to the room.</summary>
    /// <returns>False if the room was retired.</returns>
    public async Task<bool> TryJoinAsync(Connection client, long after, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_isRetired)
            {
                return false;
            }

            // A client that joins again begins anew.
            _members.Remove(client);
            _joining++;
        }

        try
        {
            long last = Math.Min(after, await store.GetLastNumberAsync(name));
            while (true)
            {
                Message[] missed = await store.ReadAsync(name, last, Batch);
                foreach (Message message in missed)
                {
                    await client.Outbox.PostLineAsync(Line(message), cancellationToken);
                    last = message.Number;
                }

                await FillAsync(last);
                if (missed.Length < Batch && TryEnter(client, last))
                {
                    return true;
                }
            }
        }
        finally
        {
            lock (_lock)
            {
                _joining--;
            }
        }
    }

    public void Leave(Connection client) => _members.Remove(client);

    /// <summary>Delivers a message if it is the next one. Otherwise, reads from the store what is missing.</summary>
    public Task DeliverAsync(Message message)
    {
        lock (_lock)
        {
            if (message.Number == _last + 1)
            {
                Deliver(message);
            }

            if (message.Number <= _last)
            {
                return Task.CompletedTask;
            }
        }

        return FillAsync(message.Number);
    }

    /// <summary>Reads the store until the members have the message with a number.</summary>
    public async Task FillAsync(long number)
    {
        await _filling.WaitAsync();
        try
        {
            while (true)
            {
                long last;
                lock (_lock)
                {
                    if (_members.Count == 0 || _last >= number)
                    {
                        return;
                    }

                    last = _last;
                }

                Message[] missed = await store.ReadAsync(name, last, Batch);
                if (missed.Length == 0)
                {
                    return;
                }

                lock (_lock)
                {
                    // The numbers may jump where the store has forgotten the oldest messages. Clients see that.
                    foreach (Message message in _last == last ? missed : [])
                    {
                        Deliver(message);
                    }
                }
            }
        }
        finally
        {
            _filling.Release();
        }
    }

    /// <summary>Ends a room that has no members.</summary>
    public bool TryRetire()
    {
        lock (_lock)
        {
            return _isRetired = _members.Count == 0 && _joining == 0;
        }
    }

    private string Line(Message message) => $"MSG {name} {message.Number} {message.Text}";

    // False if the room has gone on so far that the client has to read the store again.
    private bool TryEnter(Connection client, long last)
    {
        lock (_lock)
        {
            if (_members.Count == 0)
            {
                _last = last;
                _recent.Clear();
            }

            if (last > _last || (last < _last && (_recent.Count == 0 || _recent.Peek().Number > last + 1)))
            {
                return false;
            }

            foreach (Message message in _recent.Where(message => message.Number > last))
            {
                client.Outbox.PostLine(Line(message));
            }

            client.Outbox.PostLine($"JOINED {name}");
            _members.Add(client);
            return true;
        }
    }

    // Called under the lock. A post never waits.
    private void Deliver(Message message)
    {
        _members.BroadcastLine(Line(message));
        _last = message.Number;
        _recent.Enqueue(message);
        if (_recent.Count > MaxRecent)
        {
            _recent.Dequeue();
        }
    }
}
