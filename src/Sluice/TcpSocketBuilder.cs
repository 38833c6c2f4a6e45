using System.Net;
using System.Net.Sockets;
using Sluice.Connecting;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Sockets;

namespace Sluice;

/// <summary>Makes TCP listeners and connections. Immutable: <see cref="Configure"/> returns a new one.</summary>
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

    /// <summary>Sets options for the connections made with the builder that is returned, and for those its listeners accept.</summary>
    /// <param name="configure">Changes them.</param>
    /// <returns>A new builder; this one stays as it is.</returns>
    public TcpSocketBuilder Configure(Action<StreamSocketOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);

        // A copy, because the caller may keep what it was given.
        return new TcpSocketBuilder(_selector, new StreamSocketOptions(OptionsFor(configure)));
    }

    /// <summary>Listens at a name or address, and a port.</summary>
    /// <param name="host">An address of this machine or a name of one. Default: every IPv4 address; <c>"::"</c> is every address of both
    /// families, or every IPv4 address where there is no IPv6. <c>"localhost"</c> is 127.0.0.1 and ::1 at one port, as far as they are there, and is not
    /// looked up; of another name it is the first address that is there.</param>
    /// <param name="port">The port, 0 to 65535. Default: 0, any free one; <see cref="ServerSocket.Port"/> then says which.</param>
    /// <param name="configure">Changes the options of the listener and of what it accepts.</param>
    /// <param name="cancellationToken">Ends the wait for the name.</param>
    /// <returns>The listener, ready to accept.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address cannot be
    /// bound; the message names it.</exception>
    /// <exception cref="ArgumentException">The host is empty or the port out of range, or <see cref="TcpListenerOptions.ProxyProtocol"/> trusts
    /// nobody, and refuses all others.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<ServerSocket> BindAsync(
        string host = "0.0.0.0", int port = 0, Action<TcpListenerOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        EndPoint endPoint = EndPointResolver.Parse(host, port);
        return await BindAsync(endPoint, ListenerOptionsFor(configure), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Listens at an end point.</summary>
    /// <param name="endPoint">Where: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> that is resolved first. <c>::</c> and <c>localhost</c> are
    /// as for a host.</param>
    /// <param name="configure">Changes the options of the listener and of what it accepts.</param>
    /// <param name="cancellationToken">Ends the wait for a name.</param>
    /// <returns>The listener, ready to accept.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address cannot be
    /// bound; the message names it.</exception>
    /// <exception cref="ArgumentException"><see cref="TcpListenerOptions.ProxyProtocol"/> trusts nobody, and refuses all others.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<ServerSocket> BindAsync(
        EndPoint endPoint, Action<TcpListenerOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return await BindAsync(endPoint, ListenerOptionsFor(configure), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Connects to a name or address, and a port. If a name has several addresses, the families take turns, each address is tried when the one
    /// before it has failed or <see cref="StreamSocketOptions.ConnectionAttemptDelay"/> has passed, and the first that accepts wins
    /// (RFC 8305).
    /// </summary>
    /// <param name="host">The name or address.</param>
    /// <param name="port">The port, 0 to 65535.</param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <param name="cancellationToken">Ends every attempt.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address does not accept;
    /// the message names it. If several do not, a <see cref="ConnectException"/> that lists each.</exception>
    /// <exception cref="TimeoutException"><see cref="StreamSocketOptions.ConnectTimeout"/> has passed.</exception>
    /// <exception cref="ArgumentException">The host is empty or the port out of range.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<StreamSocket> ConnectAsync(
        string host, int port, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default) =>
        new Connector(_selector.Context, _selector.Names, OptionsFor(configure)).ConnectAsync(EndPointResolver.Parse(host, port), cancellationToken);

    /// <summary>Connects to an end point.</summary>
    /// <param name="endPoint">Where: an <see cref="IPEndPoint"/>, or a <see cref="DnsEndPoint"/> whose addresses are tried as those of a
    /// host.</param>
    /// <param name="configure">Changes the connection's options.</param>
    /// <param name="cancellationToken">Ends every attempt.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="SocketException">The name does not resolve (<see cref="SocketError.HostNotFound"/>), or the address does not accept;
    /// the message names it. If several do not, a <see cref="ConnectException"/> that lists each.</exception>
    /// <exception cref="TimeoutException"><see cref="StreamSocketOptions.ConnectTimeout"/> has passed.</exception>
    /// <exception cref="ObjectDisposedException">The manager is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<StreamSocket> ConnectAsync(
        EndPoint endPoint, Action<StreamSocketOptions>? configure = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endPoint);

        // A copy: errors name it later, and a PROXY header does, when the caller may have changed its own.
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
        options.ProxyProtocol?.ThrowIfNobodyCanConnect();
        return options;
    }
}
