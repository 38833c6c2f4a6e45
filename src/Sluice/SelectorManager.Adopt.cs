using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Unix;

namespace Sluice;

public sealed partial class SelectorManager
{
    /// <summary>Gets a builder of Unix domain sockets.</summary>
    /// <returns>A builder with the default options.</returns>
    public UnixSocketBuilder Unix() => new(this);

    /// <summary>Creates a connection from a <see cref="Socket"/> of TCP or of the Unix domain.</summary>
    /// <remarks>
    /// <para>The connection takes ownership of <paramref name="socket"/>, which the caller must no longer use or dispose of. If this
    /// method throws, the caller keeps the ownership. No operation may be pending on it. It becomes non-blocking, for every process that shares it. On
    /// Linux, a socket that was used asynchronously stays registered in the framework's event queue, which costs a little more.</para>
    /// <para>The options of <paramref name="configure"/> are set as for any connection: <see cref="StreamSocketOptions.NoDelay"/> is on
    /// by default.</para>
    /// </remarks>
    /// <param name="socket">The socket.</param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="ArgumentException">The socket is not connected, or not a stream socket of IPv4, IPv6 or the Unix domain.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed or was adopted before, or the manager is disposed.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public StreamSocket AdoptStream(Socket socket, Action<StreamSocketOptions>? configure = null) => AdoptStream(new AdoptableSocket(socket), configure);

    /// <summary>Creates a connection from the handle of a socket of TCP or of the Unix domain.</summary>
    /// <param name="handle">
    /// The handle, from a descriptor as <c>new SafeSocketHandle(descriptor, ownsHandle: true)</c>. The connection takes ownership; if this
    /// method throws, the caller keeps it. Of a <see cref="Socket"/>, pass the socket itself: its finalizer closes the handle.
    /// </param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <returns>The connection.</returns>
    /// <inheritdoc cref="AdoptStream(Socket, Action{StreamSocketOptions}?)" path="/*[self::remarks or self::exception]"/>
    public StreamSocket AdoptStream(SafeSocketHandle handle, Action<StreamSocketOptions>? configure = null) => AdoptStream(new AdoptableSocket(handle), configure);

    /// <summary>Creates a server from a listening or bound <see cref="Socket"/> of TCP or of the Unix domain.</summary>
    /// <remarks>
    /// A bound socket begins to listen, with a backlog of <see cref="TcpListenerOptions.DefaultBacklog"/>. The server takes ownership of
    /// <paramref name="socket"/>, which the caller must no longer use or dispose of. If this method throws, the caller keeps the ownership. No operation may be
    /// pending on it. It becomes non-blocking, for every process that shares it. The close of the server does not delete the file of a Unix domain socket.
    /// </remarks>
    /// <param name="socket">The socket.</param>
    /// <param name="configure">Changes the options of accepted connections.</param>
    /// <returns>The server.</returns>
    /// <exception cref="ArgumentException">The socket is neither listening nor bound, is connected, or is not a stream socket of IPv4, IPv6 or the Unix domain.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed or was adopted before, or the manager is disposed.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public ServerSocket AdoptListener(Socket socket, Action<StreamSocketOptions>? configure = null) =>
        AdoptListener(new AdoptableSocket(socket), configure, file: null);

    /// <summary>Creates a server from the handle of a listening or bound socket of TCP or of the Unix domain.</summary>
    /// <param name="handle">
    /// The handle, from a descriptor as <c>new SafeSocketHandle(descriptor, ownsHandle: true)</c>. The server takes ownership; if this
    /// method throws, the caller keeps it. Of a <see cref="Socket"/>, pass the socket itself: its finalizer closes the handle.
    /// </param>
    /// <param name="configure">Changes the options of accepted connections.</param>
    /// <returns>The server.</returns>
    /// <inheritdoc cref="AdoptListener(Socket, Action{StreamSocketOptions}?)" path="/*[self::remarks or self::exception]"/>
    public ServerSocket AdoptListener(SafeSocketHandle handle, Action<StreamSocketOptions>? configure = null) =>
        AdoptListener(new AdoptableSocket(handle), configure, file: null);

    /// <summary>Creates a datagram socket from a <see cref="Socket"/> of UDP or of the Unix domain.</summary>
    /// <remarks>
    /// The new socket takes ownership of <paramref name="socket"/>, which the caller must no longer use or dispose of. If this method throws, the caller keeps
    /// the ownership. No operation may be pending on it. It becomes non-blocking, for every process that shares it. The options of
    /// <paramref name="configure"/> are set, except those that must be set before a bind, and those of IP on a Unix domain socket.
    /// </remarks>
    /// <param name="socket">The socket, bound or connected.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <returns>The socket.</returns>
    /// <exception cref="ArgumentException">The socket is not a datagram socket of IPv4, IPv6 or the Unix domain.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed or was adopted before, or the manager is disposed.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is not supported on this system; the message names it.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public DatagramSocket AdoptDatagram(Socket socket, Action<UdpSocketOptions>? configure = null) => AdoptDatagram(new AdoptableSocket(socket), configure);

    /// <summary>Creates a datagram socket from the handle of a socket of UDP or of the Unix domain.</summary>
    /// <param name="handle">
    /// The handle, from a descriptor as <c>new SafeSocketHandle(descriptor, ownsHandle: true)</c>. The new socket takes ownership; if
    /// this method throws, the caller keeps it. Of a <see cref="Socket"/>, pass the socket itself: its finalizer closes the handle.
    /// </param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <returns>The socket.</returns>
    /// <inheritdoc cref="AdoptDatagram(Socket, Action{UdpSocketOptions}?)" path="/*[self::remarks or self::exception]"/>
    public DatagramSocket AdoptDatagram(SafeSocketHandle handle, Action<UdpSocketOptions>? configure = null) =>
        AdoptDatagram(new AdoptableSocket(handle), configure);

    internal ServerSocket AdoptListener(AdoptableSocket socket, Action<StreamSocketOptions>? configure, UnixSocketFile? file)
    {
        var options = new StreamSocketOptions();
        configure?.Invoke(options);
        return new ServerSocket(Context, Sockets.AdoptListener(socket, options, file, TcpListenerOptions.DefaultBacklog)).HandOut(Context.CaptureOpenStack());
    }

    internal ServerSocket AdoptListener(Socket socket, StreamSocketOptions accepted, int backlog) =>
        new(Context, Sockets.AdoptListener(new AdoptableSocket(socket), accepted, file: null, backlog));

    private StreamSocket AdoptStream(AdoptableSocket socket, Action<StreamSocketOptions>? configure)
    {
        var options = new StreamSocketOptions();
        configure?.Invoke(options);
        return new StreamSocket(Context, Sockets.AdoptStream(socket, options)).HandOut(Context.CaptureOpenStack());
    }

    private DatagramSocket AdoptDatagram(AdoptableSocket socket, Action<UdpSocketOptions>? configure)
    {
        var options = new UdpSocketOptions();
        configure?.Invoke(options);
        return new DatagramSocket(Context, Sockets.AdoptDatagram(socket, options)).HandOut(Context.CaptureOpenStack());
    }
}
