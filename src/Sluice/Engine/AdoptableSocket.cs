using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice.Engine;

/// <summary>A socket of somebody else's that an engine is to take over: a <see cref="Socket"/> of the framework's, or its handle alone.</summary>
internal readonly struct AdoptableSocket
{
    public AdoptableSocket(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Socket = socket;
        Handle = socket.SafeHandle;
        ObjectDisposedException.ThrowIf(Handle.IsClosed || Handle.IsInvalid, typeof(Socket));
    }

    public AdoptableSocket(SafeSocketHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        Handle = handle;
        ObjectDisposedException.ThrowIf(Handle.IsClosed, typeof(SafeSocketHandle));
    }

    public AdoptableSocket(SocketHandle handle) => Handle = handle;

    public Socket? Socket { get; }

    public SafeHandle Handle { get; }

    /// <summary>As a <see cref="System.Net.Sockets.Socket"/>, which owns the handle from now on.</summary>
    public Socket ToSocket() => Socket ?? new Socket(Handle as SafeSocketHandle ?? new SafeSocketHandle(((SocketHandle)Handle).Take(), ownsHandle: true));

    /// <summary>
    /// To be called once another object has its socket: the finalizer of a <see cref="System.Net.Sockets.Socket"/> deletes the file that it was
    /// bound to (dotnet/runtime, Socket.Dispose), which is the new owner's by then.
    /// </summary>
    public void Retire()
    {
        if (Socket is not null)
        {
#pragma warning disable CA1816 // Not this object's own end.
            GC.SuppressFinalize(Socket);
#pragma warning restore CA1816
        }
    }

    /// <summary>What is wrong with it.</summary>
    public static ArgumentException NotASocket() => new("This is no socket.");

    /// <inheritdoc cref="NotASocket"/>
    public static ArgumentException WrongKind(SocketType type, AddressFamily family, SocketType wanted) =>
        new($"This is a {type} socket of the family {family}, and what is wanted is a {wanted} socket of IPv4, IPv6 or the Unix domain.");

    /// <inheritdoc cref="NotASocket"/>
    public static ArgumentException NotConnected(bool listens) => new(
        listens ? "This socket listens; adopt it as a listener." : "This socket is not connected, or no longer.");

    /// <inheritdoc cref="NotASocket"/>
    public static ArgumentException NotListening() => new("This socket neither listens nor is bound to where it could.");

    /// <summary>Whether that is a listener that could be adopted, or a socket that could become one. Linux.</summary>
    /// <exception cref="ArgumentException">It is something else altogether.</exception>
    public static bool Listens(SafeSocketHandle handle)
    {
        using SocketHandle own = HandleTransfer.Duplicate(handle);
        AddressFamily family = AdoptedSocket.Check(own, SocketType.Stream, out bool listens);
        return listens || AdoptedSocket.CanListen(own, family);
    }

    /// <summary>Whether a socket with that end point is bound: its port or name says where it would listen.</summary>
    public static bool IsBound(EndPoint? local) => local switch
    {
        IPEndPoint ip => ip.Port != 0,
        UnixDomainSocketEndPoint unix => !UnixEndPoints.IsUnnamed(unix),
        _ => false,
    };

    /// <summary>Whether there is an engine for such sockets.</summary>
    public static bool IsRightKind(SocketType type, AddressFamily family, SocketType wanted) =>
        type == wanted && family is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 or AddressFamily.Unix;
}
