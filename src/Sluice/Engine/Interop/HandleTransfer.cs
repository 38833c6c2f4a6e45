using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Options;

namespace Sluice.Engine.Interop;

/// <summary>Sends and receives descriptors with bytes over a Unix domain socket (SCM_RIGHTS, unix(7)), and duplicates descriptors. Linux.</summary>
internal static unsafe class HandleTransfer
{
    /// <summary>The most descriptors that one message can carry.</summary>
    public const int MaxHandles = LinuxConstants.ScmMaxHandles;

    // struct cmsghdr: a length as wide as a pointer, then level and type (cmsg(3)). musl's has 32 bits and padding, which is the same bytes.
    private static readonly int s_headerSize = sizeof(nuint) + (2 * sizeof(int));

    // Room for the most descriptors, and for a few small control messages of other kinds, which socket options can enable.
    private static readonly int s_controlSize = Align(s_headerSize + (LinuxConstants.ScmMaxHandles * sizeof(int))) + 128;

    /// <summary>Duplicates a descriptor. Child processes do not inherit the duplicate.</summary>
    /// <exception cref="ArgumentException">The handle has no open descriptor.</exception>
    /// <exception cref="SocketException">No descriptor is free.</exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public static SocketHandle Duplicate(SafeHandle handle)
    {
        using DescriptorLease lease = handle.Lease();
        int fd = Libc.FileControl(lease.Descriptor, LinuxConstants.FDupFdCloExec, 0);
        if (fd >= 0)
        {
            return new SocketHandle(fd);
        }

        int errno = Errno.Last();
        throw errno == Errno.BadDescriptor ? new ArgumentException("The handle has no open descriptor.") : DuplicatingFailed(errno);
    }

    /// <summary>Makes a Socket for a duplicate of a descriptor.</summary>
    /// <exception cref="SocketException">No descriptor is free.</exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public static Socket DuplicateAsSocket(SafeHandle handle)
    {
        using SocketHandle duplicate = Duplicate(handle);
        var owned = new SafeSocketHandle(duplicate.Take(), ownsHandle: true);
        try
        {
            return new Socket(owned);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>Keeps child processes from inheriting a descriptor; false if it is not open.</summary>
    public static bool TrySetCloseOnExec(int fd) => Libc.FileControl(fd, LinuxConstants.FSetFd, LinuxConstants.FdCloExec) == 0;

    /// <summary>Makes a descriptor refer to the file of another one (dup3(2)), and closes the file that it referred to.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static void Replace(SafeHandle handle, SafeHandle other)
    {
        using DescriptorLease lease = handle.Lease();
        using DescriptorLease source = other.Lease();
        if (Libc.Duplicate(source.Descriptor, lease.Descriptor, LinuxConstants.OpenCloExec) < 0)
        {
            throw DuplicatingFailed(Errno.Last());
        }
    }

    /// <summary>Sends bytes, one at least, and all of the descriptors with the first byte.</summary>
    /// <returns>How many bytes were sent; with 0, <paramref name="error"/> is the reason.</returns>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static int Send(SafeHandle socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<SocketHandle> handles, out SocketError error)
    {
        byte* control = stackalloc byte[s_controlSize];
        int used = handles.IsEmpty ? 0 : WriteHandles(control, handles);
        using DescriptorLease lease = socket.Lease();

        // SAFETY: the message refers to the pinned bytes and to this method's own stack, and the kernel only reads them.
        fixed (byte* start = bytes)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)bytes.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1, Control = used == 0 ? null : control, ControlLength = (nuint)used };
            nint sent;
            int errno;
            do
            {
                sent = Libc.SendMsg(lease.Descriptor, &message, LinuxConstants.MsgNoSignal | LinuxConstants.MsgDontWait);
            }
            while (Errno.IsInterrupted(sent, out errno));

            // ETOOMANYREFS: the descriptors of this user that are in flight have reached the limit of open ones (unix(7)).
            error = errno == Errno.TooManyReferences ? SocketError.TooManyOpenSockets : Errno.ToSocketError(errno);
            return Math.Max((int)sent, 0);
        }
    }

    /// <summary>Tries once to receive bytes, and the descriptors that come with them.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">The memory for the bytes.</param>
    /// <param name="handles">The collection that the descriptors are added to; null to let the system close them.</param>
    /// <param name="lost">Whether the system closed descriptors for want of room.</param>
    /// <param name="error">The reason if nothing was received.</param>
    /// <returns>The number of bytes; 0 at the end of the stream; negative with an <paramref name="error"/>.</returns>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public static int Receive(SafeHandle socket, Span<byte> buffer, ICollection<SocketHandle>? handles, out bool lost, out SocketError error)
    {
        int size = handles is null ? 0 : s_controlSize;
        byte* control = stackalloc byte[size];
        using DescriptorLease lease = socket.Lease();

        // SAFETY: the message refers to the pinned buffer and to this method's own stack, with the sizes of both.
        fixed (byte* start = buffer)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)buffer.Length };
            Libc.MessageHeader message;
            nint received;
            int errno;
            do
            {
                message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1, Control = size == 0 ? null : control, ControlLength = (nuint)size };
                received = Libc.ReceiveMessage(lease.Descriptor, &message, LinuxConstants.MsgDontWait | LinuxConstants.MsgControlCloExec);
            }
            while (Errno.IsInterrupted(received, out errno));
            error = Errno.ToSocketError(errno);
            lost = received >= 0 && (message.Flags & LinuxConstants.MsgControlTruncated) != 0;
            if (handles is not null && received >= 0)
            {
                ReadHandles(control, (int)message.ControlLength, handles);
            }

            return (int)received;
        }
    }

    private static SocketException DuplicatingFailed(int errno) => SocketErrors.During(Errno.ToSocketError(errno), "Duplicating a descriptor");

    // SAFETY: the callers' memory has s_controlSize bytes, room for the header and ScmMaxHandles numbers; the callers check that there are no more.
    private static int WriteHandles(byte* control, ReadOnlySpan<SocketHandle> handles)
    {
        int length = s_headerSize + (handles.Length * sizeof(int));
        new Span<byte>(control, Align(length)).Clear();
        Unsafe.WriteUnaligned(control, (nuint)length);
        Unsafe.WriteUnaligned(control + sizeof(nuint), LinuxConstants.SolSocket);
        Unsafe.WriteUnaligned(control + sizeof(nuint) + sizeof(int), LinuxConstants.ScmRights);
        for (int i = 0; i < handles.Length; i++)
        {
            // The message owns these handles, and closes them after the send.
            Unsafe.WriteUnaligned(control + s_headerSize + (i * sizeof(int)), (int)handles[i].DangerousGetHandle());
        }

        return Align(length);
    }

    // SAFETY: each header and each number that is read lies below the length, which the kernel has written and is that of the caller's memory at most.
    private static void ReadHandles(byte* control, int length, ICollection<SocketHandle> handles)
    {
        for (int at = 0; at + s_headerSize <= length;)
        {
            // musl's length has 32 bits and padding, glibc's has 64: on little-endian systems the low half is the length in both.
            int size = (int)Unsafe.ReadUnaligned<nuint>(control + at);
            int level = Unsafe.ReadUnaligned<int>(control + at + sizeof(nuint));
            int type = Unsafe.ReadUnaligned<int>(control + at + sizeof(nuint) + sizeof(int));
            if (size < s_headerSize || at + size > length)
            {
                return;
            }

            if (level == LinuxConstants.SolSocket && type is LinuxConstants.ScmRights or LinuxConstants.ScmPidFd)
            {
                for (int i = s_headerSize; i + sizeof(int) <= size; i += sizeof(int))
                {
                    Keep(Unsafe.ReadUnaligned<int>(control + at + i), type, handles);
                }
            }

            at += Align(size);
        }
    }

    private static void Keep(int fd, int type, ICollection<SocketHandle> handles)
    {
        if (type == LinuxConstants.ScmRights)
        {
            handles.Add(new SocketHandle(fd));
        }
        else if (fd >= 0)
        {
            _ = Libc.Close(fd);
        }
    }

    private static int Align(int size) => (size + sizeof(nuint) - 1) & ~(sizeof(nuint) - 1);
}
