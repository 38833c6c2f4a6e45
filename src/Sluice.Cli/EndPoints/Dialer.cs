using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Opens end points.</summary>
internal sealed class Dialer(SelectorManager selector, DialSettings settings)
{
    /// <summary>Opens an end point, with TLS if it is asked for.</summary>
    /// <exception cref="TimeoutException">The end point was not open within <see cref="DialSettings.Timeout"/>.</exception>
    public Task<Link> OpenAsync(Address address, CancellationToken cancellationToken, ProxyHeader? header = null) =>
        LimitAsync(address, token => OpenWithoutLimitAsync(address, header ?? settings.Header, token), cancellationToken);

    /// <summary>Connects to an end point that is a socket, without TLS.</summary>
    /// <exception cref="TimeoutException">There was no connection within <see cref="DialSettings.Timeout"/>.</exception>
    public Task<StreamSocket> ConnectAsync(Address address, CancellationToken cancellationToken) =>
        LimitAsync(address, token => ConnectAsync(address, settings.Header, token), cancellationToken);

    /// <summary>Begins TLS on a socket, if it is asked for. A failure closes the socket.</summary>
    /// <exception cref="TimeoutException">The handshake did not complete within <see cref="DialSettings.Timeout"/>.</exception>
    public Task<Connection> SecureAsync(StreamSocket socket, Address address, CancellationToken cancellationToken) =>
        LimitAsync(address, token => SecureWithoutLimitAsync(socket, address, token), cancellationToken);

    private async Task<T> LimitAsync<T>(Address address, Func<CancellationToken, Task<T>> open, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (settings.Timeout is { } timeout)
        {
            ending.CancelAfter(timeout);
        }

        try
        {
            return await open(ending.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"Connecting to {address}: no answer within {settings.Timeout!.Value.TotalSeconds} s.");
        }
    }

    private async Task<Link> OpenWithoutLimitAsync(Address address, ProxyHeader? header, CancellationToken cancellationToken) => address.Kind switch
    {
        AddressKind.Udp => new DatagramLink(
            await selector.Udp().ConnectAsync(settings.Network.HostOf(address), address.Number, cancellationToken: cancellationToken), $"{address}", settings.DatagramLinger),
        AddressKind.Command => CommandLink.Start(address.Host),
        AddressKind.Standard => new StandardLink(),
        AddressKind.Descriptor when !Descriptors.IsSocket(address.Number) => Descriptors.OpenFile(address.Number),
        _ => await OpenStreamAsync(address, header, cancellationToken),
    };

    private async Task<Link> OpenStreamAsync(Address address, ProxyHeader? header, CancellationToken cancellationToken)
    {
        StreamSocket socket = await ConnectAsync(address, header, cancellationToken);
        return new ConnectionLink(await SecureWithoutLimitAsync(socket, address, cancellationToken), $"{address}");
    }

    private async Task<Connection> SecureWithoutLimitAsync(StreamSocket socket, Address address, CancellationToken cancellationToken)
    {
        try
        {
            Connection connection = socket.OpenConnection();
            return settings.UseTls || address.Kind == AddressKind.Tls
                ? await settings.Tls.BeginAsync(connection, address.HasPort ? address.Host : Address.ThisHost, cancellationToken)
                : connection;
        }
        catch
        {
            socket.Abort();
            throw;
        }
    }

    private async Task<StreamSocket> ConnectAsync(Address address, ProxyHeader? header, CancellationToken cancellationToken) => address.Kind switch
    {
        AddressKind.Unix => await selector.Unix().ConnectAsync(new UnixDomainSocketEndPoint(address.Host), Configure(header), cancellationToken),
        AddressKind.Descriptor => selector.AdoptStream(Descriptors.OpenSocket(address.Number), Configure(header)),
        _ when settings.Via.Count > 0 => await Proxy.ConnectAsync(selector.Tcp(), settings.Via, address, Configure(header), cancellationToken),
        _ => await selector.Tcp().ConnectAsync(settings.Network.HostOf(address), address.Number, Configure(header), cancellationToken),
    };

    // The limit of the settings takes the place of the library's own.
    private Action<StreamSocketOptions> Configure(ProxyHeader? header) => options =>
    {
        options.ProxyHeader = header ?? options.ProxyHeader;
        options.ConnectTimeout = settings.Timeout is null ? options.ConnectTimeout : Timeout.InfiniteTimeSpan;
    };
}
