using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Unix;

namespace Sluice;

public sealed partial class SelectorManager
{
    /// <summary>Where Unix domain sockets are made.</summary>
    /// <returns>A builder with the default options.</returns>
    public UnixSocketBuilder Unix() => new(this);

    /// <summary>Makes a connection of one that is a <see cref="Socket"/>: of TCP or a Unix domain socket.</summary>
    /// <remarks>
    /// <para>The connection takes it over, and <paramref name="socket"/> must not be used or disposed any more; if this throws, it stays the
    /// caller's. Nothing may be under way on it. It is made non-blocking, for every process that shares it. One that was
    /// used asynchronously before keeps a place in the framework's event queue on Linux, and costs a little more.</para>
    /// <para>What <paramref name="configure"/> asks for is set as for any connection: <see cref="StreamSocketOptions.NoDelay"/> is on
    /// unless it is turned off there.</para>
    /// </remarks>
    /// <param name="socket">The socket.</param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="ArgumentException">It is not connected, or no stream socket of IPv4, IPv6 or Unix domain sockets.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or the manager is disposed.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public StreamSocket AdoptStream(Socket socket, Action<StreamSocketOptions>? configure = null) => AdoptStream(new AdoptableSocket(socket), configure);

    /// <summary>Makes a connection of one of which there is a handle: of TCP or a Unix domain socket.</summary>
    /// <param name="handle">
    /// The handle, from a descriptor as <c>new SafeSocketHandle(descriptor, ownsHandle: true)</c>. The connection takes it over; if this
    /// throws, it stays the caller's.
    /// </param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <returns>The connection.</returns>
    /// <inheritdoc cref="AdoptStream(Socket, Action{StreamSocketOptions}?)"/>
    public StreamSocket AdoptStream(SafeSocketHandle handle, Action<StreamSocketOptions>? configure = null) => AdoptStream(new AdoptableSocket(handle), configure);

    /// <summary>Makes a server of a <see cref="Socket"/> that listens, or is bound and can: of TCP or a Unix domain socket.</summary>
    /// <remarks>
    /// One that is bound begins to listen, with a backlog of <see cref="TcpListenerOptions.DefaultBacklog"/>.
    /// The server takes it over, and <paramref name="socket"/> must not be used or disposed any more; if this throws, it stays the caller's.
    /// Nothing may be under way on it. It is made non-blocking, for every process that shares it. The file of a Unix domain socket stays when
    /// the server is closed: whoever has made it knows whether it should.
    /// </remarks>
    /// <param name="socket">The socket.</param>
    /// <param name="configure">Changes the options of what it accepts.</param>
    /// <returns>The server.</returns>
    /// <exception cref="ArgumentException">It neither listens nor is bound, is connected, or is no stream socket of IPv4, IPv6 or Unix domain sockets.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or the manager is disposed.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public ServerSocket AdoptListener(Socket socket, Action<StreamSocketOptions>? configure = null) =>
        AdoptListener(new AdoptableSocket(socket), configure, file: null);

    /// <summary>Makes a server of a socket that listens, or is bound and can, of which there is a handle: of TCP or a Unix domain socket.</summary>
    /// <param name="handle">
    /// The handle, from a descriptor as <c>new SafeSocketHandle(descriptor, ownsHandle: true)</c>. The server takes it over; if this throws,
    /// it stays the caller's.
    /// </param>
    /// <param name="configure">Changes the options of what it accepts.</param>
    /// <returns>The server.</returns>
    /// <inheritdoc cref="AdoptListener(Socket, Action{StreamSocketOptions}?)"/>
    public ServerSocket AdoptListener(SafeSocketHandle handle, Action<StreamSocketOptions>? configure = null) =>
        AdoptListener(new AdoptableSocket(handle), configure, file: null);

    /// <summary>Makes a datagram socket of one that is a <see cref="Socket"/>: of UDP or the Unix domain.</summary>
    /// <remarks>
    /// The socket takes it over, and <paramref name="socket"/> must not be used or disposed any more; if this throws, it stays the caller's.
    /// Nothing may be under way on it. It is made non-blocking, for every process that shares it. What <paramref name="configure"/> asks for is
    /// set; what has to be set before a socket is bound, and for a Unix domain socket what IP alone has, is passed over.
    /// </remarks>
    /// <param name="socket">The socket, bound or connected.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <returns>The socket.</returns>
    /// <exception cref="ArgumentException">It is no datagram socket of IPv4, IPv6 or the Unix domain.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or the manager is disposed.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is not supported here; the message names it.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    public DatagramSocket AdoptDatagram(Socket socket, Action<UdpSocketOptions>? configure = null) => AdoptDatagram(new AdoptableSocket(socket), configure);

    /// <summary>Makes a datagram socket of one of which there is a handle: of UDP or the Unix domain.</summary>
    /// <param name="handle">
    /// The handle, from a descriptor as <c>new SafeSocketHandle(descriptor, ownsHandle: true)</c>. The socket takes it over; if this
    /// throws, it stays the caller's.
    /// </param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <returns>The socket.</returns>
    /// <inheritdoc cref="AdoptDatagram(Socket, Action{UdpSocketOptions}?)"/>
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
