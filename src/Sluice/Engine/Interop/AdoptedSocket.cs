using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>What a descriptor that comes from elsewhere is, and what it takes to make it ours.</summary>
internal static unsafe class AdoptedSocket
{
    /// <exception cref="ArgumentException">There is nothing here that it could be used for.</exception>
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

    /// <summary>Whom it is connected to; null if to nobody.</summary>
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

    /// <summary>Whether it is bound, so that its port or path says where it listens, and not connected.</summary>
    public static bool CanListen(SocketHandle handle, AddressFamily family) =>
        AdoptableSocket.IsBound(SocketAddresses.Local(handle, family)) && TryGetRemote(handle, family) is null;

    /// <exception cref="SocketException">The system refuses.</exception>
    public static void Listen(SocketHandle handle, int backlog)
    {
        SocketError error = handle.Listen(backlog);
        if (error != SocketError.Success)
        {
            throw new SocketException((int)error);
        }
    }

    public static void StopBlocking(SocketHandle handle)
    {
        int yes = 1;
        using DescriptorLease lease = handle.Lease();

        // SAFETY: FIONBIO reads the number on this method's own stack.
        _ = Libc.IoCtl(lease.Descriptor, LinuxConstants.FioNbio, &yes);
    }

    /// <summary>
    /// Closes the descriptor it came with, now that there is <paramref name="ours"/>. The framework makes a reset of that
    /// (dotnet/runtime, SafeSocketHandle.DoCloseHandle sets SO_LINGER), which would stay with the socket: so it is set back.
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
