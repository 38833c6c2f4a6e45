using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine;

/// <summary>The open transports of an engine, and the counts of bytes of all its transports.</summary>
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

    /// <summary>Sets <see cref="Transport.Owner"/>. Closes the owner at once if <see cref="Close"/> came first, and so has not seen it.</summary>
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

    /// <summary>Sets <see cref="Transport.Owner"/> to an owner that its user may drop. False if <see cref="Close"/> came first.</summary>
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

    /// <summary>Removes a transport, and keeps its counts. False if it is not in the list.</summary>
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

    /// <summary>Gets the bytes of the open transports and of the removed ones.</summary>
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

    /// <summary>Gets the newest transports, <paramref name="max"/> at the most, and the number of all.</summary>
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

    /// <summary>
    /// Names the manager if its disposal is why a call has failed: it may have closed a descriptor at any moment of the call, which then says that the
    /// descriptor is disposed of.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The manager is disposed, or is being disposed.</exception>
    public void ThrowIfCloseExplains(Exception exception)
    {
        if (exception is not ObjectDisposedException)
        {
            return;
        }

        lock (_lock)
        {
            TypeNames.ThrowIfDisposed(_closed, TypeNames.SelectorManager);
        }
    }

    /// <summary>Refuses further transports, and returns those in the list.</summary>
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
