using System.Net;
using System.Net.Sockets;
using Sluice.Connecting;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Sockets;

namespace Sluice;

/// <summary>Creates UDP sockets. Immutable: <see cref="Configure"/> returns a new builder.</summary>
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

    /// <summary>Returns a builder with changed options of sockets.</summary>
    /// <param name="configure">Changes the options.</param>
    /// <returns>A new builder; this one does not change.</returns>
    public UdpSocketBuilder Configure(Action<UdpSocketOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);

        // A copy, because the callback may have kept a reference to the options.
        return new UdpSocketBuilder(_selector, new UdpSocketOptions(OptionsFor(configure)));
    }

    /// <summary>Creates a socket that is bound to a name or address, and a port. It receives from every sender.</summary>
    /// <param name="host">An address of this machine or a name. Default: every IPv4 address. <c>"::"</c> is every address of both families,
    /// or every IPv4 address where there is no IPv6. A name, also <c>"localhost"</c>, is its first address that this machine has: one socket has one address.</param>
    /// <param name="port">The port, 0 to 65535. Default: 0, any free port, which <see cref="DatagramSocket.Port"/> then has.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the name lookup.</param>
    /// <returns>The socket, bound.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address cannot be
    /// bound; the message names it.</exception>
    /// <exception cref="ArgumentException">The host is empty or the port out of range.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is not supported on this system; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<DatagramSocket> BindAsync(
        string host = "0.0.0.0", int port = 0, Action<UdpSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        UdpSocketOptions options = OptionsFor(configure);
        IReadOnlyList<EndPoint> endPoints = await _selector.Names.ResolveAsync(EndPointResolver.Parse(host, port), cancellationToken).ConfigureAwait(false);
        return Bind(endPoints, options);
    }

    /// <summary>Creates a socket that is bound to an end point. It receives from every sender.</summary>
    /// <param name="endPoint">The end point: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/>, which is resolved first.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the name lookup.</param>
    /// <returns>The socket, bound.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address cannot be
    /// bound; the message names it.</exception>
    /// <exception cref="ArgumentException">The end point is neither an IP address nor a name.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is not supported on this system; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<DatagramSocket> BindAsync(
        EndPoint endPoint, Action<UdpSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        EndPointResolver.ThrowUnlessInternet(endPoint);
        UdpSocketOptions options = OptionsFor(configure);
        IReadOnlyList<EndPoint> endPoints = await _selector.Names.ResolveAsync(endPoint, cancellationToken).ConfigureAwait(false);
        return Bind(endPoints, options);
    }

    /// <summary>
    /// Creates a socket that is connected to one peer. It sends to that peer without an end point, receives only from that peer, and is told when nothing
    /// listens there. Datagrams that others send to its port before the connect are dropped. The connect itself sends nothing, and so does not detect a missing
    /// peer. A name is its first address that has a route.
    /// </summary>
    /// <param name="host">The peer's name or address.</param>
    /// <param name="port">The port of the peer, 1 to 65535.</param>
    /// <param name="local">The local end point that is bound first: an IP address and a port. Default: null, the system's choice.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the name lookup.</param>
    /// <returns>The socket, connected.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), the local address cannot be
    /// bound, or there is no route to the peer; the message names it.</exception>
    /// <exception cref="ArgumentException">The host is empty, the port out of range, the remote end point is neither an IP address nor a name, or the local one no IP
    /// address.</exception>
    /// <exception cref="PlatformNotSupportedException">An option is not supported on this system; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<DatagramSocket> ConnectAsync(
        string host, int port, EndPoint? local = null, Action<UdpSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        EndPoint remote = EndPointResolver.Parse(host, port);
        EndPointResolver.ThrowUnlessAddress(local);
        UdpSocketOptions options = OptionsFor(configure);
        IReadOnlyList<EndPoint> endPoints = await _selector.Names.ResolveAsync(remote, cancellationToken).ConfigureAwait(false);
        return Connect(endPoints, local, options);
    }

    /// <inheritdoc cref="ConnectAsync(string, int, EndPoint?, Action{UdpSocketOptions}?, CancellationToken)" path="/*[not(self::param)]"/>
    /// <param name="remote">The peer: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/>, which is resolved first.</param>
    /// <param name="local">The local end point that is bound first: an IP address and a port. Default: null, the system's choice.</param>
    /// <param name="configure">Changes the socket's options.</param>
    /// <param name="cancellationToken">Ends the name lookup.</param>
    public async ValueTask<DatagramSocket> ConnectAsync(
        EndPoint remote, EndPoint? local = null, Action<UdpSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        EndPointResolver.ThrowUnlessInternet(remote);
        EndPointResolver.ThrowUnlessAddress(local);
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
                EndPoint remote = EndPointCopy.Of(endPoints[i]);
                return local is null
                    ? Open(null, remote, options)
                    : LocalAddresses.BindFirst([local], options.IPv6Only, _selector.Sockets.Logger, at => Open(at, remote, options));
            }
            catch (SocketException) when (i + 1 < endPoints.Count)
            {
                // The next address may have a route. The last error is thrown.
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
