using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Options;

namespace Sluice.Engine.Interop;

/// <summary>Descriptors that travel with bytes over a Unix domain socket (SCM_RIGHTS, unix(7)). Linux.</summary>
internal static unsafe class HandleTransfer
{
    /// <summary>How many descriptors one message carries at most.</summary>
    public const int MaxHandles = LinuxConstants.ScmMaxHandles;

    // struct cmsghdr: a length as wide as a pointer, then level and type (cmsg(3)); musl pads to the same bytes.
    private static readonly int s_headerSize = sizeof(nuint) + (2 * sizeof(int));

    // Room for as many as there can be, and for a few small messages of other kinds that an option may ask for.
    private static readonly int s_controlSize = Align(s_headerSize + (LinuxConstants.ScmMaxHandles * sizeof(int))) + 128;

    /// <summary>A descriptor of our own for the same thing, which children do not inherit.</summary>
    /// <exception cref="SocketException">There are no descriptors left.</exception>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    public static SocketHandle Duplicate(SafeHandle handle)
    {
        using DescriptorLease lease = handle.Lease();
        int fd = Libc.FileControl(lease.Descriptor, LinuxConstants.FDupFdCloExec, 0);
        return fd >= 0 ? new SocketHandle(fd) : throw DuplicatingFailed();
    }

    /// <summary>Keeps an inherited descriptor from being inherited further; false if it is not open.</summary>
    public static bool TrySetCloseOnExec(int fd) => Libc.FileControl(fd, LinuxConstants.FSetFd, LinuxConstants.FdCloExec) == 0;

    /// <summary>Makes a descriptor stand for what another one stands for; what it stood for before is closed.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static void Replace(SafeHandle handle, SafeHandle other)
    {
        using DescriptorLease lease = handle.Lease();
        using DescriptorLease source = other.Lease();
        if (Libc.Duplicate(source.Descriptor, lease.Descriptor, LinuxConstants.OpenCloExec) < 0)
        {
            throw DuplicatingFailed();
        }
    }

    /// <summary>Sends bytes, of which there is one at least, and descriptors with the first: all of the descriptors or nothing.</summary>
    /// <returns>How many bytes were sent; if none, <paramref name="error"/> says why.</returns>
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

    /// <summary>One try to receive bytes, and the descriptors that come with them.</summary>
    /// <param name="socket">Where from.</param>
    /// <param name="buffer">Where to.</param>
    /// <param name="handles">Where the descriptors go; null to let the system close them.</param>
    /// <param name="lost">Whether there were descriptors that nobody got.</param>
    /// <param name="error">Why nothing came.</param>
    /// <returns>Positive: so many bytes. 0: the end. Negative: <paramref name="error"/> says why not.</returns>
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

    private static SocketException DuplicatingFailed() => SocketErrors.During(Errno.LastError(), "Duplicating a descriptor");

    private static int WriteHandles(byte* control, ReadOnlySpan<SocketHandle> handles)
    {
        int length = s_headerSize + (handles.Length * sizeof(int));
        new Span<byte>(control, Align(length)).Clear();
        Unsafe.WriteUnaligned(control, (nuint)length);
        Unsafe.WriteUnaligned(control + sizeof(nuint), LinuxConstants.SolSocket);
        Unsafe.WriteUnaligned(control + sizeof(nuint) + sizeof(int), LinuxConstants.ScmRights);
        for (int i = 0; i < handles.Length; i++)
        {
            // Ours alone, and closed by whoever sends, after this.
            Unsafe.WriteUnaligned(control + s_headerSize + (i * sizeof(int)), (int)handles[i].DangerousGetHandle());
        }

        return Align(length);
    }

    private static void ReadHandles(byte* control, int length, ICollection<SocketHandle> handles)
    {
        for (int at = 0; at + s_headerSize <= length;)
        {
            // As musl and glibc have it on little-endian systems: the low half is the length in either.
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
