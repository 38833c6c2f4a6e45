using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice.Engine;

/// <summary>A socket that other code has made and an engine is to take over: a <see cref="Socket"/> of the framework, or a handle alone.</summary>
internal readonly struct AdoptableSocket
{
    // The handles that an engine uses as they are: they stay open, and do not show that they have a new owner.
    private static readonly ConditionalWeakTable<SafeHandle, object> s_claimed = [];

    public AdoptableSocket(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        Socket = socket;
        Handle = socket.SafeHandle;
        ObjectDisposedException.ThrowIf(Handle.IsClosed || Handle.IsInvalid, typeof(Socket));
        ThrowIfClaimed();
    }

    public AdoptableSocket(SafeSocketHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        Handle = handle;
        ObjectDisposedException.ThrowIf(Handle.IsClosed, typeof(SafeSocketHandle));
        ThrowIfClaimed();
    }

    public AdoptableSocket(SocketHandle handle) => Handle = handle;

    public Socket? Socket { get; }

    public SafeHandle Handle { get; }

    /// <summary>Gets it as a <see cref="System.Net.Sockets.Socket"/>, which owns the handle from then on.</summary>
    public Socket ToSocket() => Socket ?? new Socket(Handle as SafeSocketHandle ?? new SafeSocketHandle(((SocketHandle)Handle).Take(), ownsHandle: true));

    /// <summary>
    /// Suppresses the finalizer of the <see cref="System.Net.Sockets.Socket"/>, once another object owns the socket: it would delete the file that
    /// the socket is bound to (dotnet/runtime, Socket.Dispose), which belongs to the new owner.
    /// </summary>
    public void Retire()
    {
        if (Socket is not null)
        {
#pragma warning disable CA1816 // This is no Dispose.
            GC.SuppressFinalize(Socket);
#pragma warning restore CA1816
        }
    }

    /// <summary>Makes the handle that of an engine, which uses it as it is: nobody else can adopt it.</summary>
    /// <exception cref="ObjectDisposedException">Another caller has adopted it.</exception>
    public void Claim()
    {
        if (!s_claimed.TryAdd(Handle, s_claimed))
        {
            throw Adopted();
        }
    }

    /// <summary>Gives the handle back to the caller, after a failure.</summary>
    public void Unclaim() => s_claimed.Remove(Handle);

    /// <summary>Makes the exception for a handle that is no socket.</summary>
    public static ArgumentException NotASocket() => new("The handle is no socket.");

    /// <summary>Makes the exception for a socket of another type or family.</summary>
    public static ArgumentException WrongKind(SocketType type, AddressFamily family, SocketType wanted) =>
        new($"The socket is a {type} socket of the family {family}. A {wanted} socket of IPv4, IPv6 or the Unix domain is needed.");

    /// <summary>Makes the exception for a socket that is not connected.</summary>
    public static ArgumentException NotConnected(bool listens) => new(
        listens ? "The socket listens; adopt it as a listener." : "The socket is not connected, or no longer.");

    /// <summary>Makes the exception for a socket that does not listen and cannot.</summary>
    public static ArgumentException NotListening() => new("The socket does not listen, and is not bound to an address at which it could.");

    /// <summary>Whether the socket listens, or is bound and could listen. Linux.</summary>
    /// <exception cref="ArgumentException">It is no stream socket of a supported family.</exception>
    public static bool Listens(SafeSocketHandle handle)
    {
        using SocketHandle own = HandleTransfer.Duplicate(handle);
        AddressFamily family = AdoptedSocket.Check(own, SocketType.Stream, out bool listens);
        return listens || AdoptedSocket.CanListen(own, family);
    }

    /// <summary>Whether a socket with this local end point is bound to a port or a name.</summary>
    public static bool IsBound(EndPoint? local) => local switch
    {
        IPEndPoint ip => ip.Port != 0,
        UnixDomainSocketEndPoint unix => !UnixEndPoints.IsUnnamed(unix),
        _ => false,
    };

    /// <summary>Whether the socket has the wanted type, and a family that the engines support.</summary>
    public static bool IsRightKind(SocketType type, AddressFamily family, SocketType wanted) =>
        type == wanted && family is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 or AddressFamily.Unix;

    private void ThrowIfClaimed()
    {
        if (s_claimed.TryGetValue(Handle, out _))
        {
            throw Adopted();
        }
    }

    private static ObjectDisposedException Adopted() =>
        new(typeof(Socket).FullName, "The socket was adopted before: it belongs to the object that the first call returned.");
}
