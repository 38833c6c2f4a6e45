using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Sluice.Hosting.Connections;

/// <summary>Creates listeners on Sluice for Kestrel and other servers that use ASP.NET Core's connection abstractions.</summary>
public sealed class SluiceConnectionListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly TransportHost _host;

    /// <summary>Creates a factory on a selector that the caller owns.</summary>
    /// <param name="selector">Runs the listeners and the connections they accept.</param>
    /// <param name="options">The options; null for the defaults. <see cref="SluiceTransportOptions.Selector"/> is ignored.</param>
    public SluiceConnectionListenerFactory(SelectorManager selector, SluiceTransportOptions? options = null) =>
        _host = TransportHost.Create(selector, options);

    internal SluiceConnectionListenerFactory(TransportHost host) => _host = host;

    /// <summary>Returns whether <see cref="BindAsync"/> supports an end point.</summary>
    /// <param name="endpoint">The end point.</param>
    /// <returns>True for IP end points, Unix domain end points, and handles of such sockets.</returns>
    public bool CanBind(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint or UnixDomainSocketEndPoint => true,
        FileHandleEndPoint handle => handle.FileHandleType is FileHandleType.Auto or FileHandleType.Tcp,
        _ => false,
    };

    /// <summary>Binds to an end point and listens.</summary>
    /// <param name="endpoint">
    /// An <see cref="IPEndPoint"/>, a <see cref="UnixDomainSocketEndPoint"/>, or the <see cref="FileHandleEndPoint"/> of a socket that listens or is
    /// bound.
    /// </param>
    /// <param name="cancellationToken">Cancels the attempt.</param>
    /// <returns>The listener. After it is unbound, it still accepts the connections that have arrived; disposing closes it.</returns>
    /// <exception cref="AddressInUseException">Another socket listens there.</exception>
    /// <exception cref="ArgumentException">The handle does not belong to such a socket.</exception>
    /// <exception cref="SocketException">The system refuses the address or an option.</exception>
    /// <exception cref="ObjectDisposedException">The selector is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return new TransportListener(_host, endpoint, await BindCoreAsync(endpoint, cancellationToken).ConfigureAwait(false));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }
    }

    private async ValueTask<ServerSocket> BindCoreAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        SluiceTransportOptions options = _host.Options;
        return endPoint switch
        {
            UnixDomainSocketEndPoint unix => await _host.Selector.Unix().BindAsync(unix, options.ConfigureUnix, cancellationToken).ConfigureAwait(false),
            FileHandleEndPoint inherited => Adopt(new Socket(new SafeSocketHandle((nint)inherited.FileHandle, ownsHandle: true))),
            _ => await _host.Selector.Tcp().BindAsync(endPoint, options.ConfigureTcp, cancellationToken).ConfigureAwait(false),
        };
    }

    // Applies only the backlog, if the socket does not listen yet, and the options of accepted connections. The process that bound the socket has set the rest.
    private ServerSocket Adopt(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            var unix = new UnixListenerOptions();
            _host.Options.ConfigureUnix?.Invoke(unix);
            return _host.Selector.AdoptListener(socket, unix.Accepted, unix.Backlog);
        }

        var tcp = new TcpListenerOptions();
        _host.Options.ConfigureTcp?.Invoke(tcp);
        return _host.Selector.AdoptListener(socket, tcp.Accepted, tcp.Backlog);
    }
}
