using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>One try to receive or to send on a descriptor that does not block.</summary>
internal static unsafe class SocketTransfer
{
    // How many segments go into one sendmsg(2). They are of up to 64 KiB each, more than a socket takes at once.
    private const int MaxVectors = 16;

    /// <summary>Positive: so many bytes. 0: the end. Negative: <paramref name="error"/> says why not.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public static int Receive(SocketHandle handle, Span<byte> buffer, out SocketError error)
    {
        using DescriptorLease lease = handle.Lease();

        // SAFETY: pinned for the calls, which write at most the length that they are given.
        fixed (byte* start = buffer)
        {
            nint received;
            int errno;
            do
            {
                received = Libc.Recv(lease.Descriptor, start, (nuint)buffer.Length, 0);
            }
            while (Errno.IsInterrupted(received, out errno));
            error = Errno.ToSocketError(errno);
            return (int)received;
        }
    }

    /// <inheritdoc cref="Send(SocketHandle, in ReadOnlySequence{byte}, out int, out SocketError)"/>
    public static int Send(SocketHandle handle, ReadOnlySpan<byte> bytes, out SocketError error)
    {
        using DescriptorLease lease = handle.Lease();
        nint sent;
        int errno;
        do
        {
            sent = SendOne(lease.Descriptor, bytes, out _);
        }
        while (Errno.IsInterrupted(sent, out errno));
        error = Errno.ToSocketError(errno);
        return Math.Max((int)sent, 0);
    }

    /// <summary>How many bytes were sent; if none, <paramref name="error"/> says why.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="bytes">What to send.</param>
    /// <param name="attempted">How many of them the kernel was asked to take: it has room for more if it took all.</param>
    /// <param name="error">Why none were sent.</param>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public static int Send(SocketHandle handle, in ReadOnlySequence<byte> bytes, out int attempted, out SocketError error)
    {
        using DescriptorLease lease = handle.Lease();
        nint sent;
        int errno;
        do
        {
            sent = bytes.IsSingleSegment ? SendOne(lease.Descriptor, bytes.FirstSpan, out attempted) : SendMany(lease.Descriptor, bytes, out attempted);
        }
        while (Errno.IsInterrupted(sent, out errno));
        error = Errno.ToSocketError(errno);
        return Math.Max((int)sent, 0);
    }

    /// <summary>
    /// Has the kernel send the first packet of a connect that it has put off until the first write (TCP_FASTOPEN_CONNECT, tcp(7)): a send of no
    /// bytes is such a write. Does nothing to a connection that is under way or there.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public static SocketError BeginConnect(SafeHandle handle)
    {
        using DescriptorLease lease = handle.Lease();

        // SAFETY: the kernel reads nothing from a buffer of no bytes.
        return Errno.ResultOf((int)Libc.Send(lease.Descriptor, null, 0, LinuxConstants.MsgNoSignal | LinuxConstants.MsgDontWait));
    }

    private static nint SendOne(int fd, ReadOnlySpan<byte> bytes, out int attempted)
    {
        attempted = bytes.Length;
        fixed (byte* start = bytes)
        {
            return Libc.Send(fd, start, (nuint)bytes.Length, LinuxConstants.MsgNoSignal);
        }
    }

    private static nint SendMany(int fd, in ReadOnlySequence<byte> bytes, out int attempted)
    {
        Libc.IoVector* vectors = stackalloc Libc.IoVector[MaxVectors];
        attempted = 0;
        ReadOnlySequence<byte>.Enumerator segments = bytes.GetEnumerator();
        return SendPinned(fd, ref segments, vectors, 0, ref attempted);
    }

    // Pins one segment a call and sends when all are pinned: no pinning handle, no allocation.
    private static nint SendPinned(int fd, ref ReadOnlySequence<byte>.Enumerator segments, Libc.IoVector* vectors, int count, ref int attempted)
    {
        if (count < MaxVectors && segments.MoveNext())
        {
            ReadOnlySpan<byte> segment = segments.Current.Span;
            fixed (byte* start = segment)
            {
                vectors[count] = new Libc.IoVector { Base = start, Length = (nuint)segment.Length };
                attempted += segment.Length;
                return SendPinned(fd, ref segments, vectors, count + 1, ref attempted);
            }
        }

        var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = (nuint)count };
        return Libc.SendMsg(fd, &message, LinuxConstants.MsgNoSignal);
    }
}
