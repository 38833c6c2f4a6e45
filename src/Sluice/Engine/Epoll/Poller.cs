using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;
using Sluice.Options;

namespace Sluice.Engine.Epoll;

/// <summary>An epoll(7) instance, the eventfd(2) that wakes it, and the buffer for its events.</summary>
internal sealed unsafe class Poller : IDisposable
{
    /// <summary>The events of a stream or a listener: both directions and urgent data, edge-triggered.</summary>
    public const uint AllEvents =
        LinuxConstants.EpollIn | LinuxConstants.EpollPri | LinuxConstants.EpollOut | LinuxConstants.EpollRdHup | LinuxConstants.EpollEdgeTriggered;

    /// <summary>The event data of the wake-up descriptor.</summary>
    public const ulong WakeData = ulong.MaxValue;

    private const int MaxEvents = 256;

    // struct epoll_event is packed on x86 only, so that it has the same layout for 32-bit and 64-bit programs (EPOLL_PACKED in linux/eventpoll.h).
    private static readonly int s_dataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;
    private static readonly int s_eventSize = s_dataOffset + sizeof(ulong);

    // Of the thread that runs the loop.
    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * s_eventSize, pinned: true);
    private readonly SocketHandle _epoll;
    private readonly SocketHandle _wake;

    public Poller()
    {
        _epoll = Own(Libc.EpollCreate1(LinuxConstants.EpollCloExec), "epoll_create1");
        _wake = Own(Libc.EventFd(0, LinuxConstants.EventFdNonBlock | LinuxConstants.EventFdCloExec), "eventfd");

        // Edge-triggered: each write is an edge, and the counter need not be read back (epoll(7), Q9).
        Control(_wake, LinuxConstants.EpollCtlAdd, LinuxConstants.EpollIn | LinuxConstants.EpollEdgeTriggered, WakeData);
    }

    /// <summary>Registers a socket for events, or changes the events of a registered one.</summary>
    public void Set(SocketHandle socket, uint events, ulong eventData, bool isNew) =>
        Control(socket, isNew ? LinuxConstants.EpollCtlAdd : LinuxConstants.EpollCtlMod, events, eventData);

    /// <summary>
    /// Unregisters a socket. To be called before close(2): with a duplicate of the descriptor elsewhere, epoll goes on reporting events after it, and
    /// the registration cannot be removed any more (epoll(7), Q6).
    /// </summary>
    public void Remove(SocketHandle socket)
    {
        using DescriptorLease epoll = _epoll.Lease();
        using DescriptorLease lease = socket.Lease();

        // SAFETY: EPOLL_CTL_DEL takes no event (epoll_ctl(2)).
        _ = Libc.EpollCtl(epoll.Descriptor, LinuxConstants.EpollCtlDel, lease.Descriptor, null);
    }

    /// <summary>Waits for events. Returns how many there are. A timeout of -1 is infinite.</summary>
    public int Wait(int timeoutMilliseconds)
    {
        // No lease: only the thread that runs the loop calls this, and that thread closes the descriptor.
        // SAFETY: the array was allocated pinned, and has room for MaxEvents events.
        byte* events = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_events));
        int count = Libc.EpollWait((int)_epoll.DangerousGetHandle(), events, MaxEvents, timeoutMilliseconds);
        if (count >= 0)
        {
            return count;
        }

        int errno = Errno.Last();
        return errno == Errno.Interrupted ? 0 : throw new InvalidOperationException($"epoll_wait failed with errno {errno}.");
    }

    public (uint Events, ulong Data) this[int index]
    {
        get
        {
            // SAFETY: the index is below the count of Wait, and each event has s_eventSize bytes.
            ref byte start = ref _events[index * s_eventSize];
            return (Unsafe.ReadUnaligned<uint>(ref start), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, s_dataOffset)));
        }
    }

    /// <summary>Ends the <see cref="Wait"/> in progress, or the next one.</summary>
    public void Wake()
    {
        ulong one = 1;
        using DescriptorLease lease = _wake.Lease();

        // SAFETY: an eventfd reads the eight bytes on this method's own stack (eventfd(2)).
        _ = Libc.Write(lease.Descriptor, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        _wake.Dispose();
        _epoll.Dispose();
    }

    private static SocketHandle Own(int fd, string call) =>
        fd >= 0 ? new SocketHandle(fd) : throw SocketErrors.During(Errno.LastError(), call);

    private void Control(SocketHandle socket, int operation, uint events, ulong eventData)
    {
        // SAFETY: the buffer has the size of a struct epoll_event, which the kernel only reads.
        byte* buffer = stackalloc byte[s_eventSize];
        Unsafe.WriteUnaligned(buffer, events);
        Unsafe.WriteUnaligned(buffer + s_dataOffset, eventData);
        using DescriptorLease epoll = _epoll.Lease();
        using DescriptorLease lease = socket.Lease();
        if (Libc.EpollCtl(epoll.Descriptor, operation, lease.Descriptor, buffer) != 0)
        {
            throw SocketErrors.During(Errno.LastError(), "epoll_ctl");
        }
    }
}
