using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Options;

namespace Sluice.Engine.Interop;

/// <summary>
/// Owns a descriptor. A system call takes a <see cref="DescriptorLease"/>, and the descriptor is closed when the last lease ends. So no call
/// reaches a descriptor whose number the kernel has given out again.
/// </summary>
internal sealed class SocketHandle : SafeHandleMinusOneIsInvalid
{
    public SocketHandle(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>
    /// Whether close(2) may wait because of SO_LINGER, as it does even on a non-blocking socket (socket(7)). The thread pool then closes the
    /// descriptor, so that no loop waits.
    /// </summary>
    public bool CloseMayBlock { get; set; }

    /// <summary>Creates a non-blocking socket.</summary>
    /// <param name="family">The family.</param>
    /// <param name="type">The type: <see cref="LinuxConstants.SockStream"/> or <see cref="LinuxConstants.SockDgram"/>.</param>
    /// <param name="doing">The operation that the message of an exception names.</param>
    /// <param name="endPoint">The end point that the message of an exception names.</param>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static SocketHandle Create(AddressFamily family, int type, string doing, EndPoint endPoint) =>
        TryCreate(family, type, out SocketError error) ?? throw SocketErrors.At(error, doing, endPoint);

    /// <inheritdoc cref="Create(AddressFamily, int, string, EndPoint)"/>
    public static SocketHandle Create(AddressFamily family, int type) =>
        TryCreate(family, type, out SocketError error) ?? throw SocketErrors.During(error, "Creating a socket");

    /// <summary>Makes a listener of a bound socket.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public SocketError Listen(int backlog)
    {
        using DescriptorLease lease = this.Lease();
        return Errno.ResultOf(Libc.Listen(lease.Descriptor, backlog));
    }

    /// <summary>Gets the descriptor and passes its ownership to the caller.</summary>
    public int Take()
    {
        int fd = (int)handle;
        SetHandleAsInvalid();
        return fd;
    }

    private static SocketHandle? TryCreate(AddressFamily family, int type, out SocketError error)
    {
        int fd = Libc.Socket(SocketAddresses.ToNative(family), type | LinuxConstants.SockNonBlock | LinuxConstants.SockCloExec, 0);
        error = fd >= 0 ? SocketError.Success : Errno.LastError();
        return fd >= 0 ? new SocketHandle(fd) : null;
    }

    protected override bool ReleaseHandle()
    {
        int fd = (int)handle;
        if (CloseMayBlock)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static fd => _ = Libc.Close(fd), fd, preferLocal: false);
            return true;
        }

        // No retry after EINTR: Linux has released the descriptor by then (close(2)).
        return Libc.Close(fd) == 0;
    }
}
