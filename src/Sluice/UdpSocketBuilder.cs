using System.Net;
using System.Net.Sockets;
using Sluice.Connecting;
using Sluice.Engine;
using Sluice.Sockets;

namespace Sluice;

/// <summary>Makes UDP sockets. Immutable: <see cref="Configure"/> returns a new one.</summary>
public sealed class UdpSocketBuilder
{
    private readonly SelectorManager _selector;
    private readonly UdpSocketOptions _options;

    internal UdpSocketBuilder(SelectorManager selector)
        : this(selector, new UdpSocketOptions())
    {
    }

    private UdpSocketBuilder(SelectorManager selector, UdpSocketOptions options)
    {
        _selector = selector;
        _options = options;
    }

    /// <summary>Sets options for the sockets made with the builder that is returned.</summary>
    /// <param name="configure">Changes them.</param>
    /// <returns>A new builder; this one stays as it is.</returns>
    public UdpSocketBuilder Configure(Action<UdpSocketOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);

        // A copy, because the caller may keep what it was given.
        return new UdpSocketBuilder(_selector, new UdpSocketOptions(OptionsFor(configure)));
    }

    /// <summary>Makes a socket that receives from everybody, at a name or address, and a port.</summary>
    /// <param name="host">An address of this machine or a name of one. Default: every IPv4 address; <c>"::"</c> is every address of both
    /// families, or every IPv4 address where there is no IPv6. Of a name it is the first address that is there, of <c>"localhost"</c> too: one socket has one
    /// address.</param>
    /// <param name="port">The port, 0 to 65535. Default: 0, any free one; <see cref="DatagramSocket.Port"/> then says which.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the wait for the name.</param>
    /// <returns>The socket, bound.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address cannot be
    /// bound; the message names it.</exception>
    /// <exception cref="ArgumentException">The host is empty or the port out of range.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is not supported here; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<DatagramSocket> BindAsync(
        string host = "0.0.0.0", int port = 0, Action<UdpSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        UdpSocketOptions options = OptionsFor(configure);
        IReadOnlyList<EndPoint> endPoints = await _selector.Names.ResolveAsync(EndPointResolver.Parse(host, port), cancellationToken).ConfigureAwait(false);
        return Bind(endPoints, options);
    }

    /// <summary>Makes a socket that receives from everybody, at an end point.</summary>
    /// <param name="endPoint">Where: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> that is resolved first.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the wait for a name.</param>
    /// <returns>The socket, bound.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address cannot be
    /// bound; the message names it.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is not supported here; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<DatagramSocket> BindAsync(
        EndPoint endPoint, Action<UdpSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        UdpSocketOptions options = OptionsFor(configure);
        IReadOnlyList<EndPoint> endPoints = await _selector.Names.ResolveAsync(endPoint, cancellationToken).ConfigureAwait(false);
        return Bind(endPoints, options);
    }

    /// <summary>
    /// Makes a socket that talks to one peer: it sends there without being told where to, receives from there alone (what others send to its port before it
    /// is connected is dropped), and hears when nobody listens there. Nothing is sent: whether somebody is there is not known. Of a name's addresses, it is the first that there is a way to.
    /// </summary>
    /// <param name="host">The peer's name or address.</param>
    /// <param name="port">Its port, 1 to 65535.</param>
    /// <param name="local">Where to bind first. Default: null, an address and a port of the system's choice.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the wait for the name.</param>
    /// <returns>The socket, connected.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), the local address cannot be
    /// bound, or there is no way to the peer; the message names it.</exception>
    /// <exception cref="ArgumentException">The host is empty or the port out of range.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is not supported here; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<DatagramSocket> ConnectAsync(
        string host, int port, EndPoint? local = null, Action<UdpSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        UdpSocketOptions options = OptionsFor(configure);
        IReadOnlyList<EndPoint> endPoints = await _selector.Names.ResolveAsync(EndPointResolver.Parse(host, port), cancellationToken).ConfigureAwait(false);
        return Connect(endPoints, local, options);
    }

    /// <inheritdoc cref="ConnectAsync(string, int, EndPoint?, Action{UdpSocketOptions}?, CancellationToken)"/>
    /// <param name="remote">The peer: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> that is resolved first.</param>
    /// <param name="local">Where to bind first. Default: null, an address and a port of the system's choice.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the wait for a name.</param>
    public async ValueTask<DatagramSocket> ConnectAsync(
        EndPoint remote, EndPoint? local = null, Action<UdpSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(remote);
        UdpSocketOptions options = OptionsFor(configure);
        IReadOnlyList<EndPoint> endPoints = await _selector.Names.ResolveAsync(remote, cancellationToken).ConfigureAwait(false);
        return Connect(endPoints, local, options);
    }

    private DatagramSocket Bind(IReadOnlyList<EndPoint> endPoints, UdpSocketOptions options) =>
        LocalAddresses.BindFirst(endPoints, options.IPv6Only, _selector.Sockets.Logger, at => Open(at, null, options));

    private DatagramSocket Connect(IReadOnlyList<EndPoint> endPoints, EndPoint? local, UdpSocketOptions options)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                EndPoint remote = endPoints[i];
                return local is null
                    ? Open(null, remote, options)
                    : LocalAddresses.BindFirst([local], options.IPv6Only, _selector.Sockets.Logger, at => Open(at, remote, options));
            }
            catch (SocketException) when (i + 1 < endPoints.Count)
            {
                // The next address may be better, of a family that there is a way for; the last one's error is the one that is told.
            }
        }
    }

    private DatagramSocket Open(EndPoint? local, EndPoint? remote, UdpSocketOptions options)
    {
        DatagramTransport transport = _selector.Sockets.OpenDatagram((local ?? remote)!.AddressFamily, local, remote, options);
        transport.MulticastInterface = options.MulticastInterface ?? 0;
        return new DatagramSocket(_selector.Context, transport).HandOut(options.OpenedAt);
    }

    private UdpSocketOptions OptionsFor(Action<UdpSocketOptions>? configure)
    {
        var options = new UdpSocketOptions(_options) { OpenedAt = _selector.Context.CaptureOpenStack() };
        configure?.Invoke(options);
        return options;
    }
}
