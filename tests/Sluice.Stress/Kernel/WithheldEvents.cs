using System.Collections.Concurrent;
using Sluice.Engine.Interop;

namespace Sluice.Stress.Kernel;

/// <summary>Waits for events as epoll_wait(2) does, hands some of them out late, and adds others that nothing has caused.</summary>
internal sealed unsafe class WithheldEvents(Registrations registrations, Chance chance)
{
    private const int OneWithheldOf = 8;
    private const int OneCausedByNothingOf = 16;

    // By epoll instance. One thread at a time waits on an instance.
    private readonly ConcurrentDictionary<int, Queue<(uint Events, ulong Data)>> _withheld = new();

    /// <summary>Waits. With events withheld it waits for at most a millisecond.</summary>
    /// <param name="epoll">The epoll instance.</param>
    /// <param name="events">Gets the events.</param>
    /// <param name="most">How many events there is room for.</param>
    /// <param name="timeout">In milliseconds; -1 is infinite.</param>
    /// <param name="hostile">Whether to withhold and add events.</param>
    /// <param name="faults">How many events were withheld or added.</param>
    public int Wait(int epoll, byte* events, int most, int timeout, bool hostile, out int faults)
    {
        faults = 0;
        Queue<(uint Events, ulong Data)> withheld = _withheld.GetOrAdd(epoll, static _ => new Queue<(uint Events, ulong Data)>());
        int late = withheld.Count;
        int count = Libc.EpollWait(epoll, events, most, late > 0 && timeout != 0 ? 1 : timeout);
        if (count < 0 || (late == 0 && !hostile))
        {
            return count;
        }

        // Backwards, so that an event takes the place of the one that goes.
        for (int i = count - 1; hostile && i >= 0; i--)
        {
            if (chance.OneOf(OneWithheldOf))
            {
                withheld.Enqueue(Registrations.ReadEvent(At(events, i)));
                Copy(At(events, --count), At(events, i));
                faults++;
            }
        }

        // Events that an earlier wait withheld go out now. If there are no others, so do those that this wait withheld: epoll_wait returns at least one event if it has no
        // time limit.
        for (int left = count == 0 && timeout != 0 ? withheld.Count : late; left > 0 && count < most; left--)
        {
            (uint flags, ulong data) = withheld.Dequeue();
            Registrations.WriteEvent(At(events, count++), flags, data);
        }

        if (hostile && count > 0 && count < most && chance.OneOf(OneCausedByNothingOf) && registrations.Any(epoll, chance) is { } any)
        {
            Registrations.WriteEvent(At(events, count++), chance.OneOf(2) ? LinuxConstants.EpollIn : LinuxConstants.EpollOut, any);
            faults++;
        }

        return count;
    }

    /// <summary>Drops the events of an epoll instance that is about to be closed.</summary>
    public void Forget(int epoll) => _withheld.TryRemove(epoll, out _);

    private static byte* At(byte* events, int index) => events + (index * Registrations.EventSize);

    private static void Copy(byte* from, byte* to) => new Span<byte>(from, Registrations.EventSize).CopyTo(new Span<byte>(to, Registrations.EventSize));
}
