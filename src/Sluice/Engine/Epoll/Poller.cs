using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;
using Sluice.Options;

namespace Sluice.Engine.Epoll;

/// <summary>An epoll descriptor, the event descriptor that wakes it, and the buffer for its events.</summary>
internal sealed unsafe class Poller : IDisposable
{
    /// <summary>The event data of the wake-up descriptor.</summary>
    public const ulong WakeData = ulong.MaxValue;

    private const int MaxEvents = 256;

    // struct epoll_event is packed on x64 alone: the kernel kept there what 32-bit programs see (epoll_ctl(2), EPOLL_PACKED).
    private static readonly int s_dataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 4 : 8;
    private static readonly int s_eventSize = s_dataOffset + sizeof(ulong);

    private readonly byte[] _events = GC.AllocateArray<byte>(MaxEvents * s_eventSize, pinned: true);
    private readonly SocketHandle _epoll;
    private readonly SocketHandle _wake;

    public Poller()
    {
        _epoll = Own(Libc.EpollCreate1(LinuxConstants.EpollCloExec), "epoll_create1");
        _wake = Own(Libc.EventFd(0, LinuxConstants.EventFdNonBlock | LinuxConstants.EventFdCloExec), "eventfd");

        // Edge-triggered, so that nobody has to read the counter back: every write is an edge (epoll(7)).
        Add(_wake, LinuxConstants.EpollIn | LinuxConstants.EpollEdgeTriggered, WakeData);
    }

    /// <summary>Registers a socket for good: both directions and urgent data, edge-triggered.</summary>
    public void Add(SocketHandle socket, ulong eventData) => Add(
        socket,
        LinuxConstants.EpollIn | LinuxConstants.EpollPri | LinuxConstants.EpollOut | LinuxConstants.EpollRdHup | LinuxConstants.EpollEdgeTriggered,
        eventData);

    /// <summary>Registers a socket for the events it says, or changes what it said.</summary>
    public void Set(SocketHandle socket, uint events, ulong eventData, bool isNew) =>
        Control(socket, isNew ? LinuxConstants.EpollCtlAdd : LinuxConstants.EpollCtlMod, events, eventData);

    /// <summary>
    /// Takes a socket out. To be done before close: a duplicate elsewhere keeps it reporting, and it cannot be removed afterwards.
    /// </summary>
    public void Remove(SocketHandle socket)
    {
        using DescriptorLease epoll = _epoll.Lease();
        using DescriptorLease lease = socket.Lease();

        // SAFETY: EPOLL_CTL_DEL takes no event (epoll_ctl(2)).
        _ = Libc.EpollCtl(epoll.Descriptor, LinuxConstants.EpollCtlDel, lease.Descriptor, null);
    }

    /// <summary>Waits for events; how many came. -1 waits for as long as it takes.</summary>
    public int Wait(int timeoutMilliseconds)
    {
        // Pinned for its life (allocated so), and only the owner of the loop is in here.
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

    private void Add(SocketHandle socket, uint events, ulong eventData) => Control(socket, LinuxConstants.EpollCtlAdd, events, eventData);

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
