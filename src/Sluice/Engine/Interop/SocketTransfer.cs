using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>Tries once to receive or to send on a non-blocking descriptor.</summary>
internal static unsafe class SocketTransfer
{
    // The most segments of one sendmsg(2). They have up to 64 KiB each, together more than a socket takes at once.
    private const int MaxVectors = 16;

    /// <summary>Receives. Returns the number of bytes; 0 at the end of the stream; negative with an <paramref name="error"/>.</summary>
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

    /// <summary>Sends. Returns the number of bytes; with 0, <paramref name="error"/> is the reason.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="attempted">How many of the bytes the kernel was given. If it took all of them, it has room for more.</param>
    /// <param name="error">The reason if none were sent.</param>
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
    /// Starts a connect that the kernel has deferred to the first write (TCP_FASTOPEN_CONNECT, tcp(7)): a send of no bytes is such a write. Does
    /// nothing on a connection that is in progress or established.
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

        // SAFETY: pinned for the call, which reads as many bytes as there are.
        fixed (byte* start = bytes)
        {
            return Libc.Send(fd, start, (nuint)bytes.Length, LinuxConstants.MsgNoSignal);
        }
    }

    private static nint SendMany(int fd, in ReadOnlySequence<byte> bytes, out int attempted)
    {
        // SAFETY: the vectors live on this method's own stack until SendPinned returns.
        Libc.IoVector* vectors = stackalloc Libc.IoVector[MaxVectors];
        attempted = 0;
        ReadOnlySequence<byte>.Enumerator segments = bytes.GetEnumerator();
        return SendPinned(fd, ref segments, vectors, 0, ref attempted);
    }

    // Pins one segment in each recursive call, and sends in the innermost one: no GCHandle and no allocation.
    // SAFETY: the innermost call runs inside all of the fixed blocks, and count stays below MaxVectors, the length of the vectors.
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
