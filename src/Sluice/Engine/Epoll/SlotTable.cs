namespace Sluice.Engine.Epoll;

/// <summary>
/// Finds the handler of an event. The data of an event holds a slot and a generation, so that an event of a socket that was closed after the event
/// was queued finds no handler, even when another socket has the descriptor and the slot by then.
/// </summary>
internal sealed class SlotTable
{
    private const uint Free = 0;

    private readonly Lock _lock = new();

    // Written under _lock, all of them. The loop reads _slots without it.
    private readonly Stack<int> _free = [];
    private IEpollHandler?[] _slots = new IEpollHandler?[64];

    // The generation that holds a slot; Free for none.
    private uint[] _holders = new uint[64];
    private int _used;
    private uint _generation;

    /// <summary>Gets the number of slots that are reserved or have a handler.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _used - _free.Count;
            }
        }
    }

    /// <summary>Reserves a slot. Returns the event data of its handler, for <see cref="Publish"/> and <see cref="Find"/>.</summary>
    public ulong Reserve()
    {
        lock (_lock)
        {
            if (!_free.TryPop(out int slot))
            {
                slot = _used++;
                if (slot == _slots.Length)
                {
                    var larger = new IEpollHandler?[slot * 2];
                    _slots.CopyTo(larger, 0);
                    Volatile.Write(ref _slots, larger);
                    Array.Resize(ref _holders, larger.Length);
                }
            }

            if (++_generation == Free)
            {
                _generation++;
            }

            _holders[slot] = _generation;
            return ((ulong)_generation << 32) | (uint)slot;
        }
    }

    public void Publish(IEpollHandler handler)
    {
        lock (_lock)
        {
            Volatile.Write(ref _slots[(uint)handler.EventData], handler);
        }
    }

    public IEpollHandler? Find(ulong eventData)
    {
        IEpollHandler?[] slots = Volatile.Read(ref _slots);
        uint slot = (uint)eventData;
        return slot < (uint)slots.Length && Volatile.Read(ref slots[slot]) is { } handler && handler.EventData == eventData ? handler : null;
    }

    /// <summary>Frees a slot that is reserved, or whose handler is published. Does nothing if it is free, or another handler's by now.</summary>
    public void Release(ulong eventData)
    {
        lock (_lock)
        {
            int slot = (int)(uint)eventData;
            if (_holders[slot] == (uint)(eventData >> 32))
            {
                _holders[slot] = Free;
                _slots[slot] = null;
                _free.Push(slot);
            }
        }
    }
}
