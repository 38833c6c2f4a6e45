using System.Runtime.InteropServices;
using Sluice.Engine.Interop;

namespace Sluice.Stress.Kernel;

/// <summary>
/// Stands between the woven library and the system calls of the same names. It does what a kernel may do and seldom does: it interrupts, says that a socket
/// is not ready, moves few bytes, and reports events late, too often and to sockets that are gone.
/// </summary>
/// <remarks>
/// It keeps the kernel's promises. Where a call stops early although there is more, the event that the library then waits for comes (epoll(7), Q9).
/// </remarks>
public static unsafe class HostileKernel
{
    private const int OneOf = 16;

    // ECONNABORTED, asm-generic/errno.h.
    private const int ConnectionAborted = 103;

    private static readonly Registrations s_registrations = new();
    private static Chance s_chance = new(1);
    private static WithheldEvents s_withheld = new(s_registrations, s_chance);
    private static long s_faults;

    /// <summary>Whether it is hostile: if not, it passes each call on.</summary>
    public static bool IsHostile { get; set; }

    /// <summary>How many faults it has made.</summary>
    public static long Faults => Interlocked.Read(ref s_faults);

    public static void Begin(int seed)
    {
        s_chance = new Chance(seed);
        s_withheld = new WithheldEvents(s_registrations, s_chance);
    }

    public static int EpollCtl(int epoll, int operation, int fd, byte* @event) => s_registrations.Control(epoll, operation, fd, @event);

    // Always through the same object: events that it withheld have to come after the last fault, too.
    public static int EpollWait(int epoll, byte* events, int maxEvents, int timeout)
    {
        if (Fails(Errno.Interrupted))
        {
            return -1;
        }

        int count = s_withheld.Wait(epoll, events, maxEvents, timeout, IsHostile, out int faults);
        Interlocked.Add(ref s_faults, faults);
        return count;
    }

    public static nint Recv(int fd, byte* buffer, nuint length, int flags)
    {
        if (Fails(Errno.Interrupted) || IsNotReady(fd))
        {
            return -1;
        }

        nuint most = Shorten(fd, length);
        return Shortened(fd, Libc.Recv(fd, buffer, most, flags), most, length);
    }

    public static nint Send(int fd, byte* buffer, nuint length, int flags)
    {
        if (Fails(Errno.Interrupted) || (length > 0 && IsNotReady(fd)))
        {
            return -1;
        }

        nuint most = Shorten(fd, length);
        return Shortened(fd, Libc.Send(fd, buffer, most, flags), most, length);
    }

    public static nint SendMsg(int fd, void* message, int flags)
    {
        if (Fails(Errno.Interrupted) || IsNotReady(fd))
        {
            return -1;
        }

        var header = (Libc.MessageHeader*)message;
        if (!IsHostile || header->VectorCount < 2 || s_registrations.Find(fd) is not { IsStream: true } || !s_chance.OneOf(OneOf))
        {
            return Libc.SendMsg(fd, header, flags);
        }

        Libc.MessageHeader first = *header;
        first.VectorCount = 1;
        nint sent = Libc.SendMsg(fd, &first, flags);
        return Shortened(fd, sent, first.Vectors->Length, nuint.MaxValue);
    }

    public static nint ReceiveMessage(int fd, void* message, int flags) =>
        Fails(Errno.Interrupted) || IsNotReady(fd) ? -1 : Libc.ReceiveMessage(fd, (Libc.MessageHeader*)message, flags);

    public static nint SendTo(int fd, byte* buffer, nuint length, int flags, byte* address, uint addressLength) =>
        Fails(Errno.Interrupted) || IsNotReady(fd) ? -1 : Libc.SendTo(fd, buffer, length, flags, address, addressLength);

    public static int SendMMsg(int fd, void* messages, uint count, int flags)
    {
        if (Fails(Errno.Interrupted) || IsNotReady(fd))
        {
            return -1;
        }

        uint most = IsHostile && count > 1 && Happens() ? (uint)s_chance.UpTo((int)count) : count;
        return Libc.SendMMsg(fd, (Libc.MultiMessageHeader*)messages, most, flags);
    }

    public static int RecvMMsg(int fd, void* messages, uint count, int flags, void* timeout)
    {
        if (Fails(Errno.Interrupted) || IsNotReady(fd))
        {
            return -1;
        }

        uint most = IsHostile && count > 1 && Happens() ? (uint)s_chance.UpTo((int)count) : count;
        int received = Libc.RecvMMsg(fd, (Libc.MultiMessageHeader*)messages, most, flags, timeout);
        if (received == most && most < count)
        {
            Repeat(fd);
        }

        return received;
    }

    public static int Accept4(int fd, byte* address, uint* addressLength, int flags)
    {
        if (Fails(Errno.Interrupted) || IsNotReady(fd) || Fails(ConnectionAborted))
        {
            return -1;
        }

        return Libc.Accept4(fd, address, addressLength, flags);
    }

    public static nint Splice(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags)
    {
        if (Fails(Errno.Interrupted) || IsNotReady(from) || IsNotReady(to))
        {
            return -1;
        }

        nuint most = Shorten(from, Shorten(to, length));
        nint moved = Libc.Splice(from, fromOffset, to, toOffset, most, flags);
        return Shortened(to, Shortened(from, moved, most, length), most, length);
    }

    public static nint SendFile(int to, int from, long* offset, nuint count)
    {
        if (Fails(Errno.Interrupted) || IsNotReady(to))
        {
            return -1;
        }

        nuint most = Shorten(to, count);
        return Shortened(to, Libc.SendFile(to, from, offset, most), most, count);
    }

    // Linux has released the descriptor when a close is interrupted (close(2)).
    public static int Close(int fd)
    {
        s_withheld.Forget(fd);
        s_registrations.Forget(fd);
        int result = Libc.Close(fd);
        return Fails(Errno.Interrupted) ? -1 : result;
    }

    private static bool Happens()
    {
        if (!IsHostile || !s_chance.OneOf(OneOf))
        {
            return false;
        }

        Interlocked.Increment(ref s_faults);
        return true;
    }

    private static bool Fails(int errno)
    {
        if (!Happens())
        {
            return false;
        }

        Marshal.SetLastSystemError(errno);
        return true;
    }

    // Only for a registered socket: its event can be repeated.
    private static bool IsNotReady(int fd)
    {
        if (!IsHostile || s_registrations.Find(fd) is null || !Happens())
        {
            return false;
        }

        Repeat(fd);
        Marshal.SetLastSystemError(Errno.Again);
        return true;
    }

    // Not a datagram: the rest of it would be lost.
    private static nuint Shorten(int fd, nuint length) =>
        IsHostile && length > 1 && s_registrations.Find(fd) is { IsStream: true } && Happens() ? (nuint)s_chance.UpTo((int)Math.Min(length, 100_000)) : length;

    private static nint Shortened(int fd, nint moved, nuint most, nuint length)
    {
        if (most < length && moved > 0)
        {
            Repeat(fd);
        }

        return moved;
    }

    private static void Repeat(int fd)
    {
        int errno = Marshal.GetLastSystemError();
        s_registrations.Repeat(fd);
        Marshal.SetLastSystemError(errno);
    }
}
