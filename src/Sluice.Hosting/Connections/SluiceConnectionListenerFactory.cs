using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Sluice.Hosting.Connections;

/// <summary>Listens on Sluice for connections as those of ASP.NET Core: <see cref="IConnectionListenerFactory"/> for Kestrel and other servers.</summary>
public sealed class SluiceConnectionListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly TransportHost _host;

    /// <summary>Listens on a selector, which stays the caller's.</summary>
    /// <param name="selector">What drives the listeners and what they accept.</param>
    /// <param name="options">How they work; null for the defaults. Its own <see cref="SluiceTransportOptions.Selector"/> is passed over.</param>
    public SluiceConnectionListenerFactory(SelectorManager selector, SluiceTransportOptions? options = null) =>
        _host = TransportHost.Create(selector, options);

    internal SluiceConnectionListenerFactory(TransportHost host) => _host = host;

    /// <summary>Whether <see cref="BindAsync"/> takes such an end point.</summary>
    /// <param name="endpoint">The end point.</param>
    /// <returns>True for IP and Unix domain end points, and for handles of such sockets.</returns>
    public bool CanBind(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint or UnixDomainSocketEndPoint => true,
        FileHandleEndPoint handle => handle.FileHandleType is FileHandleType.Auto or FileHandleType.Tcp,
        _ => false,
    };

    /// <summary>Binds and listens.</summary>
    /// <param name="endpoint">
    /// Where: an <see cref="IPEndPoint"/>, a <see cref="UnixDomainSocketEndPoint"/>, or the <see cref="FileHandleEndPoint"/> of a socket that listens or is
    /// bound.
    /// </param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The listener. Unbinding it accepts what has come; disposing it closes it.</returns>
    /// <exception cref="AddressInUseException">Another socket listens there.</exception>
    /// <exception cref="ArgumentException">The handle is that of something else.</exception>
    /// <exception cref="SocketException">The system refuses.</exception>
    /// <exception cref="ObjectDisposedException">The selector is disposed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
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

    // Of the options, those of what is accepted, and the backlog if it does not listen yet: the rest was up to whoever bound it.
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
