using System.Net;
using System.Net.Sockets;
using Sluice.Connecting;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Sockets;

namespace Sluice;

/// <summary>Creates TCP listeners and connections. Immutable: <see cref="Configure"/> returns a new builder.</summary>
public sealed partial class TcpSocketBuilder
{
    private readonly SelectorManager _selector;
    private readonly StreamSocketOptions _options;

    internal TcpSocketBuilder(SelectorManager selector)
        : this(selector, new StreamSocketOptions())
    {
    }

    private TcpSocketBuilder(SelectorManager selector, StreamSocketOptions options)
    {
        _selector = selector;
        _options = options;
    }

    /// <summary>Returns a builder with changed options of connections, both those that it makes and those that its listeners accept.</summary>
    /// <param name="configure">Changes the options.</param>
    /// <returns>A new builder; this one does not change.</returns>
    public TcpSocketBuilder Configure(Action<StreamSocketOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);

        // A copy, because the callback may have kept a reference to the options.
        return new TcpSocketBuilder(_selector, new StreamSocketOptions(OptionsFor(configure)));
    }

    /// <summary>Listens at a name or address, and a port.</summary>
    /// <param name="host">An address of this machine or a name. Default: every IPv4 address. <c>"::"</c> is every address of both families,
    /// or every IPv4 address where there is no IPv6. <c>"localhost"</c> is 127.0.0.1 and ::1 with the same port, as far as they exist, without a lookup. Another
    /// name is its first address that this machine has.</param>
    /// <param name="port">The port, 0 to 65535. Default: 0, any free port, which <see cref="ServerSocket.Port"/> then has.</param>
    /// <param name="configure">Changes the options of the listener and of accepted connections.</param>
    /// <param name="cancellationToken">Ends the name lookup.</param>
    /// <returns>The listener, ready to accept.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address cannot be
    /// bound; the message names it.</exception>
    /// <exception cref="ArgumentException">The host is empty or the port out of range, or <see cref="TcpListenerOptions.ProxyProtocol"/>
    /// would refuse every connection.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<ServerSocket> BindAsync(
        string host = "0.0.0.0", int port = 0, Action<TcpListenerOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        EndPoint endPoint = EndPointResolver.Parse(host, port);
        return await BindAsync(endPoint, ListenerOptionsFor(configure), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Listens at an end point.</summary>
    /// <param name="endPoint">The end point: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/>, which is resolved first. <c>::</c> and
    /// <c>localhost</c> have the same meaning as in a host.</param>
    /// <param name="configure">Changes the options of the listener and of accepted connections.</param>
    /// <param name="cancellationToken">Ends the name lookup.</param>
    /// <returns>The listener, ready to accept.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address cannot be
    /// bound; the message names it.</exception>
    /// <exception cref="ArgumentException">The end point is neither an IP address nor a name, or <see cref="TcpListenerOptions.ProxyProtocol"/> would refuse
    /// every connection.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<ServerSocket> BindAsync(
        EndPoint endPoint, Action<TcpListenerOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        EndPointResolver.ThrowUnlessInternet(endPoint);
        return await BindAsync(endPoint, ListenerOptionsFor(configure), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Connects to a name or address, and a port. If a name has several addresses, they are tried with alternating families (RFC 8305). An attempt starts when
    /// the one before it has failed, or <see cref="StreamSocketOptions.ConnectionAttemptDelay"/> has passed. The first connection wins.
    /// </summary>
    /// <param name="host">The name or address.</param>
    /// <param name="port">The port, 0 to 65535.</param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <param name="cancellationToken">Ends every attempt.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the connect fails;
    /// the message names the address. If it fails for several addresses, a <see cref="ConnectException"/> that lists each.</exception>
    /// <exception cref="TimeoutException"><see cref="StreamSocketOptions.ConnectTimeout"/> has passed.</exception>
    /// <exception cref="ArgumentException">The host is empty or the port out of range.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<StreamSocket> ConnectAsync(
        string host, int port, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        new Connector(_selector.Context, _selector.Names, OptionsFor(configure)).ConnectAsync(EndPointResolver.Parse(host, port), cancellationToken);

    /// <summary>Connects to an end point.</summary>
    /// <param name="endPoint">The end point: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/>, whose addresses are tried as those
    /// of a host.</param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <param name="cancellationToken">Ends every attempt.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the connect fails;
    /// the message names the address. If it fails for several addresses, a <see cref="ConnectException"/> that lists each.</exception>
    /// <exception cref="TimeoutException"><see cref="StreamSocketOptions.ConnectTimeout"/> has passed.</exception>
    /// <exception cref="ArgumentException">The end point is neither an IP address nor a name.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<StreamSocket> ConnectAsync(
        EndPoint endPoint, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        EndPointResolver.ThrowUnlessInternet(endPoint);

        // A copy: errors and a PROXY header use it later, when the caller may have changed its own.
        return new Connector(_selector.Context, _selector.Names, OptionsFor(configure)).ConnectAsync(EndPointCopy.Of(endPoint), cancellationToken);
    }

    internal ValueTask<StreamSocket> ConnectAsync(IReadOnlyList<EndPoint> endPoints, StreamSocketOptions options, CancellationToken cancellationToken) =>
        new Connector(_selector.Context, _selector.Names, options).ConnectAsync(endPoints, cancellationToken);

    private async ValueTask<ServerSocket> BindAsync(EndPoint endPoint, TcpListenerOptions options, CancellationToken cancellationToken)
    {
        SocketEngine engine = _selector.Sockets;
        ListenerTransport listener;
        if (LocalAddresses.IsLocalhost(endPoint))
        {
            cancellationToken.ThrowIfCancellationRequested();
            listener = LocalAddresses.ListenAtLocalhost(engine, (DnsEndPoint)endPoint, options);
        }
        else
        {
            IReadOnlyList<EndPoint> endPoints = await _selector.Names.ResolveAsync(endPoint, cancellationToken).ConfigureAwait(false);
            listener = LocalAddresses.BindFirst(endPoints, options.IPv6Only, engine.Logger, at => engine.Bind(at, options));
        }

        return new ServerSocket(_selector.Context, listener, options.ProxyProtocol, options.Tls).HandOut(options.OpenedAt);
    }

    internal StreamSocketOptions OptionsFor(Action<StreamSocketOptions>? configure)
    {
        var options = new StreamSocketOptions(_options) { OpenedAt = _selector.Context.CaptureOpenStack() };
        configure?.Invoke(options);
        return options;
    }

    private TcpListenerOptions ListenerOptionsFor(Action<TcpListenerOptions>? configure)
    {
        var options = new TcpListenerOptions(_options) { OpenedAt = _selector.Context.CaptureOpenStack() };
        configure?.Invoke(options);
        options.ProxyProtocol?.ThrowIfRefusesAll();
        return options;
    }
}
