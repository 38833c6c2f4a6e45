using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>Every transport of an engine that is open. A list woven through the transports, so that a connection costs no node.</summary>
internal sealed class OpenTransports
{
    private readonly Lock _lock = new();

    // Under _lock, all of them.
    private readonly IntrusiveList<Transport> _open = new();
    private bool _closed;
    private long _receivedBefore;
    private long _sentBefore;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _open.Count;
            }
        }
    }

    /// <exception cref="ObjectDisposedException">The engine is closed: <paramref name="transport"/> was not added.</exception>
    public void Add(Transport transport)
    {
        lock (_lock)
        {
            TypeNames.ThrowIfDisposed(_closed, TypeNames.SelectorManager);
            _open.Add(transport);
        }
    }

    /// <summary>Sets <see cref="Transport.Owner"/>; tells it at once if <see cref="Close"/> came first and did not see it.</summary>
    public void SetOwner(Transport transport, ITransportOwner owner)
    {
        lock (_lock)
        {
            if (!_closed)
            {
                transport.Owner = owner;
                return;
            }
        }

        owner.CloseWithManager();
    }

    /// <summary>As <see cref="SetOwner"/>, for an owner that its user may drop. False if <see cref="Close"/> came first.</summary>
    public bool HoldOwnerWeakly(Transport transport, ITransportOwner owner)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            transport.SetWeakOwner(owner);
            return true;
        }
    }

    /// <summary>False if it was not in the list, or no longer.</summary>
    public bool Remove(Transport transport)
    {
        lock (_lock)
        {
            if (!_open.Remove(transport))
            {
                return false;
            }

            (long received, long sent) = BytesOf(transport);
            _receivedBefore += received;
            _sentBefore += sent;
            return true;
        }
    }

    /// <summary>The bytes of all that are open, and of all that were.</summary>
    public (long Received, long Sent) CountBytes()
    {
        lock (_lock)
        {
            long received = _receivedBefore;
            long sent = _sentBefore;
            for (Transport? transport = _open.First; transport is not null; transport = transport.Next)
            {
                (long In, long Out) bytes = BytesOf(transport);
                received += bytes.In;
                sent += bytes.Out;
            }

            return (received, sent);
        }
    }

    /// <summary>The newest, and how many there are.</summary>
    public (IReadOnlyList<Transport> Newest, int Count) List(int max)
    {
        lock (_lock)
        {
            var newest = new List<Transport>(Math.Min(max, _open.Count));
            for (Transport? transport = _open.First; transport is not null && newest.Count < max; transport = transport.Next)
            {
                newest.Add(transport);
            }

            return (newest, _open.Count);
        }
    }

    /// <summary>Takes no more, and tells what there is.</summary>
    public IReadOnlyList<Transport> Close()
    {
        lock (_lock)
        {
            _closed = true;
            var all = new List<Transport>(_open.Count);
            for (Transport? transport = _open.First; transport is not null; transport = transport.Next)
            {
                all.Add(transport);
            }

            return all;
        }
    }

    private static (long Received, long Sent) BytesOf(Transport transport) => transport.Owner?.Bytes ?? default;
}
