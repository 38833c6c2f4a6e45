using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>Examines a socket that other code has made, and takes it over. Linux.</summary>
internal static unsafe class AdoptedSocket
{
    /// <summary>Checks the kind of a socket. Returns its family.</summary>
    /// <exception cref="ArgumentException">It is no socket, or no engine supports its kind.</exception>
    public static AddressFamily Check(SocketHandle handle, SocketType wanted, out bool listens)
    {
        AddressFamily family;
        SocketType type;
        try
        {
            family = Read(handle, LinuxConstants.SoDomain) switch
            {
                1 => AddressFamily.Unix,
                2 => AddressFamily.InterNetwork,
                10 => AddressFamily.InterNetworkV6,
                _ => AddressFamily.Unknown,
            };
            type = (SocketType)Read(handle, LinuxConstants.SoType);
            listens = Read(handle, LinuxConstants.SoAcceptConn) != 0;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.NotSocket)
        {
            throw AdoptableSocket.NotASocket();
        }

        return AdoptableSocket.IsRightKind(type, family, wanted) ? family : throw AdoptableSocket.WrongKind(type, family, wanted);
    }

    /// <summary>Gets the end point of the peer; null if the socket is not connected.</summary>
    public static EndPoint? TryGetRemote(SocketHandle handle, AddressFamily family)
    {
        try
        {
            return SocketAddresses.Remote(handle, family);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.NotConnected or SocketError.InvalidArgument)
        {
            return null;
        }
    }

    /// <summary>Whether it is bound, and so has a port or a path to listen at, and is not connected.</summary>
    public static bool CanListen(SocketHandle handle, AddressFamily family) =>
        AdoptableSocket.IsBound(SocketAddresses.Local(handle, family)) && TryGetRemote(handle, family) is null;

    /// <summary>Makes a listener of it.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static void Listen(SocketHandle handle, int backlog)
    {
        SocketError error = handle.Listen(backlog);
        if (error != SocketError.Success)
        {
            throw new SocketException((int)error);
        }
    }

    /// <summary>Makes the socket non-blocking (ioctl(2), FIONBIO).</summary>
    public static void StopBlocking(SocketHandle handle)
    {
        int yes = 1;
        using DescriptorLease lease = handle.Lease();

        // SAFETY: FIONBIO reads the number on this method's own stack.
        _ = Libc.IoCtl(lease.Descriptor, LinuxConstants.FioNbio, &yes);
    }

    /// <summary>
    /// Closes the descriptor that the caller passed, after it was duplicated to <paramref name="ours"/>. The framework sets SO_LINGER to 0 before
    /// (dotnet/runtime, SafeSocketHandle.DoCloseHandle). The option belongs to the socket, which both descriptors share, so this restores it.
    /// </summary>
    public static void Release(AdoptableSocket socket, SocketHandle ours)
    {
        if (socket.Handle is SocketHandle)
        {
            socket.Handle.Dispose();
            return;
        }

        var options = new EpollSocketOptions(ours, AddressFamily.Unspecified);
        Span<byte> linger = stackalloc byte[2 * sizeof(int)];
        int length = options.GetRawOption(LinuxConstants.SolSocket, LinuxConstants.SoLinger, linger);
        socket.Handle.Dispose();
        socket.Retire();
        options.SetRawOption(LinuxConstants.SolSocket, LinuxConstants.SoLinger, linger[..length]);
    }

    private static int Read(SocketHandle handle, int option)
    {
        int value = 0;
        new EpollSocketOptions(handle, AddressFamily.Unspecified).GetRawOption(
            LinuxConstants.SolSocket, option, MemoryMarshal.AsBytes(new Span<int>(ref value)));
        return value;
    }
}
