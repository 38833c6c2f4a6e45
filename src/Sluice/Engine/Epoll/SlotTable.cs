namespace Sluice.Engine.Epoll;

/// <summary>
/// Finds the socket an event is for. An event's data carries slot and generation, so that one that was queued for a socket closed
/// meanwhile finds nothing, even when the descriptor and the slot already belong to another.
/// </summary>
internal sealed class SlotTable
{
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = [];
    private IEpollHandler?[] _slots = new IEpollHandler?[64];
    private int _used;
    private uint _generation;

    /// <summary>Reserves a slot. The result is the event data that <see cref="Publish"/> and <see cref="Find"/> go by.</summary>
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
                }
            }

            return ((ulong)++_generation << 32) | (uint)slot;
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

    public void Release(IEpollHandler handler)
    {
        lock (_lock)
        {
            int slot = (int)(uint)handler.EventData;
            if (ReferenceEquals(_slots[slot], handler))
            {
                _slots[slot] = null;
                _free.Push(slot);
            }
        }
    }
}
