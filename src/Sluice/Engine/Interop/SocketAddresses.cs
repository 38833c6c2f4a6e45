using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Unix;

namespace Sluice.Engine.Interop;

/// <summary>
/// Makes the system calls that take or return a <c>sockaddr</c>. <see cref="SocketAddress"/> has the system's own layout.
/// </summary>
internal static unsafe class SocketAddresses
{
    private delegate int Getter(int fd, byte* address, uint* length);

    public static int ToNative(AddressFamily family) => family switch
    {
        AddressFamily.Unix => 1,
        AddressFamily.InterNetwork => 2,
        AddressFamily.InterNetworkV6 => 10,
        _ => throw new SocketException((int)SocketError.AddressFamilyNotSupported),
    };

    public static SocketError Bind(SocketHandle handle, EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        using DescriptorLease lease = handle.Lease();

        // SAFETY: pinned for the call, which reads as many bytes as the address has.
        fixed (byte* start = address.Buffer.Span)
        {
            return Errno.ResultOf(Libc.Bind(lease.Descriptor, start, (uint)address.Size));
        }
    }

    public static SocketError Connect(SocketHandle handle, EndPoint endPoint)
    {
        SocketAddress address = endPoint.Serialize();
        using DescriptorLease lease = handle.Lease();

        // SAFETY: pinned for the call, which reads as many bytes as the address has.
        fixed (byte* start = address.Buffer.Span)
        {
            SocketError error = Errno.ResultOf(Libc.Connect(lease.Descriptor, start, (uint)address.Size));

            // An interrupted connect goes on in the background (connect(2), EINTR).
            return error == SocketError.Interrupted ? SocketError.InProgress : error;
        }
    }

    public static EndPoint Local(SafeHandle handle, AddressFamily family) => Get(handle, family, Libc.GetSockName);

    /// <summary>Gets the local port of an IPv4 or IPv6 socket, without the allocation of an end point; -1 if the system does not tell.</summary>
    public static int LocalPort(SocketHandle handle)
    {
        // SAFETY: the buffer has room for any address, and the kernel writes no more than the length says.
        byte* buffer = stackalloc byte[NativeAddress.MaxSize];
        uint length = NativeAddress.MaxSize;
        using DescriptorLease lease = handle.Lease();
        return Libc.GetSockName(lease.Descriptor, buffer, &length) == 0 ? (buffer[2] << 8) | buffer[3] : -1;
    }

    public static EndPoint Remote(SafeHandle handle, AddressFamily family) => Get(handle, family, Libc.GetPeerName);

    public static EndPoint Parse(ReadOnlySpan<byte> native, AddressFamily family)
    {
        if (family == AddressFamily.Unix)
        {
            return UnixEndPoints.FromNative(native);
        }

        var address = new SocketAddress(family, native.Length);
        native.CopyTo(address.Buffer.Span);
        return new IPEndPoint(0, 0).Create(address);
    }

    private static EndPoint Get(SafeHandle handle, AddressFamily family, Getter getter)
    {
        // SAFETY: the buffer has room for any address, and the kernel writes no more than the length says.
        byte* buffer = stackalloc byte[NativeAddress.MaxSize];
        uint length = NativeAddress.MaxSize;
        using DescriptorLease lease = handle.Lease();
        SocketError error = Errno.ResultOf(getter(lease.Descriptor, buffer, &length));
        return error == SocketError.Success ? Parse(new ReadOnlySpan<byte>(buffer, (int)length), family) : throw new SocketException((int)error);
    }
}
