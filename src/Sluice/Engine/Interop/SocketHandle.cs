using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Options;

namespace Sluice.Engine.Interop;

/// <summary>
/// Owns a descriptor. Closing waits for system calls in progress (that is what a <see cref="System.Runtime.InteropServices.SafeHandle"/>
/// counts), so no call ever reaches a descriptor that was closed and given to somebody else.
/// </summary>
internal sealed class SocketHandle : SafeHandleMinusOneIsInvalid
{
    public SocketHandle(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>Set when SO_LINGER makes close(2) wait, which it does even on a non-blocking socket: it must not hold up a loop.</summary>
    public bool CloseMayBlock { get; set; }

    /// <summary>Makes a socket that does not block.</summary>
    /// <param name="family">The family.</param>
    /// <param name="type">The kind: <see cref="LinuxConstants.SockStream"/> or <see cref="LinuxConstants.SockDgram"/>.</param>
    /// <param name="doing">What for, for the message.</param>
    /// <param name="endPoint">Where, for the message.</param>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static SocketHandle Create(AddressFamily family, int type, string doing, EndPoint endPoint) =>
        TryCreate(family, type, out SocketError error) ?? throw SocketErrors.At(error, doing, endPoint);

    /// <inheritdoc cref="Create(AddressFamily, int, string, EndPoint)"/>
    public static SocketHandle Create(AddressFamily family, int type) =>
        TryCreate(family, type, out SocketError error) ?? throw SocketErrors.During(error, "Creating a socket");

    /// <summary>Makes a listener of a socket that is bound.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public SocketError Listen(int backlog)
    {
        using DescriptorLease lease = this.Lease();
        return Errno.ResultOf(Libc.Listen(lease.Descriptor, backlog));
    }

    /// <summary>The descriptor, which is the caller's from now on.</summary>
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

        // Never again on EINTR: on Linux the descriptor is gone by then (close(2)).
        return Libc.Close(fd) == 0;
    }
}
