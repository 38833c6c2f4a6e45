using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Sluice.AspNetCore.Transport;

/// <summary>Binds Kestrel's end points.</summary>
internal sealed class TransportListenerFactory(SluiceHost host) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint switch
    {
        IPEndPoint or UnixDomainSocketEndPoint => true,
        FileHandleEndPoint handle => handle.FileHandleType is FileHandleType.Auto or FileHandleType.Tcp,
        _ => false,
    };

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        try
        {
            return new TransportListener(host, endpoint, await BindCoreAsync(endpoint, cancellationToken).ConfigureAwait(false));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(exception.Message, exception);
        }
    }

    private async ValueTask<ServerSocket> BindCoreAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        SluiceTransportOptions options = host.Options;
        return endPoint switch
        {
            UnixDomainSocketEndPoint unix => await host.Selector.Unix().BindAsync(unix, options.ConfigureUnix, cancellationToken).ConfigureAwait(false),
            FileHandleEndPoint inherited => host.Selector.AdoptListener(new SafeSocketHandle((nint)inherited.FileHandle, ownsHandle: true)),
            _ => await host.Selector.Tcp().BindAsync(endPoint, options.ConfigureTcp, cancellationToken).ConfigureAwait(false),
        };
    }
}
