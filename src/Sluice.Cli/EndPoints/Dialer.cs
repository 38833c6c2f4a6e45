using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Opens end points.</summary>
internal sealed class Dialer(SelectorManager selector, DialSettings settings)
{
    /// <summary>Opens an end point, with TLS if it is asked for.</summary>
    /// <exception cref="TimeoutException">The end point was not open within <see cref="DialSettings.Timeout"/>.</exception>
    public async Task<Link> OpenAsync(Address address, CancellationToken cancellationToken, ProxyHeader? header = null)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (settings.Timeout is { } timeout)
        {
            ending.CancelAfter(timeout);
        }

        try
        {
            return await OpenWithoutLimitAsync(address, header ?? settings.Header, ending.Token);
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
        StreamSocket socket = await ConnectAsync(address, options => options.ProxyHeader = header ?? options.ProxyHeader, cancellationToken);
        try
        {
            Connection connection = socket.OpenConnection();
            if (settings.UseTls || address.Kind == AddressKind.Tls)
            {
                connection = await settings.Tls.BeginAsync(connection, address.HasPort ? address.Host : Address.ThisHost, cancellationToken);
            }

            return new ConnectionLink(connection, $"{address}");
        }
        catch
        {
            socket.Abort();
            throw;
        }
    }

    private async ValueTask<StreamSocket> ConnectAsync(Address address, Action<StreamSocketOptions> configure, CancellationToken cancellationToken) => address.Kind switch
    {
        AddressKind.Unix => await selector.Unix().ConnectAsync(new UnixDomainSocketEndPoint(address.Host), configure, cancellationToken),
        AddressKind.Descriptor => selector.AdoptStream(Descriptors.OpenSocket(address.Number), configure),
        _ when settings.Via.Count > 0 => await Proxy.ConnectAsync(selector.Tcp(), settings.Via, address, configure, cancellationToken),
        _ => await selector.Tcp().ConnectAsync(settings.Network.HostOf(address), address.Number, configure, cancellationToken),
    };
}
