using Sluice.Options;

namespace Sluice.Engine;

/// <summary>Every transport of an engine that is open. A list woven through the transports, so that a connection costs no node.</summary>
internal sealed class OpenTransports
{
    private readonly Lock _lock = new();
    private Transport? _first;
    private bool _closed;
    private long _receivedBefore;
    private long _sentBefore;

    public int Count { get; private set; }

    /// <exception cref="ObjectDisposedException">The engine is closed: <paramref name="transport"/> was not added.</exception>
    public void Add(Transport transport)
    {
        lock (_lock)
        {
            TypeNames.ThrowIfDisposed(_closed, TypeNames.SelectorManager);
            transport.Next = _first;
            if (_first is not null)
            {
                _first.Previous = transport;
            }

            _first = transport;
            Count++;
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
            if (transport.Previous is null && !ReferenceEquals(_first, transport))
            {
                return false;
            }

            (long received, long sent) = BytesOf(transport);
            _receivedBefore += received;
            _sentBefore += sent;
            if (transport.Previous is { } previous)
            {
                previous.Next = transport.Next;
            }
            else
            {
                _first = transport.Next;
            }

            if (transport.Next is { } next)
            {
                next.Previous = transport.Previous;
            }

            transport.Previous = null;
            transport.Next = null;
            Count--;
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
            for (Transport? transport = _first; transport is not null; transport = transport.Next)
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
            var newest = new List<Transport>(Math.Min(max, Count));
            for (Transport? transport = _first; transport is not null && newest.Count < max; transport = transport.Next)
            {
                newest.Add(transport);
            }

            return (newest, Count);
        }
    }

    /// <summary>Takes no more, and tells what there is.</summary>
    public IReadOnlyList<Transport> Close()
    {
        lock (_lock)
        {
            _closed = true;
            var all = new List<Transport>(Count);
            for (Transport? transport = _first; transport is not null; transport = transport.Next)
            {
                all.Add(transport);
            }

            return all;
        }
    }

    private static (long Received, long Sent) BytesOf(Transport transport) => transport.Owner?.Bytes ?? default;
}
