using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Opens listeners.</summary>
internal static class Listeners
{
    public static async Task<Listener> OpenAsync(SelectorManager selector, Address address, ListenSettings settings, CancellationToken cancellationToken) => address.Kind switch
    {
        AddressKind.Udp => new DatagramListener(
            await selector.Udp().BindAsync(settings.Network.HostOf(address), address.Number, cancellationToken: cancellationToken)),
        AddressKind.Command => new SingleListener(CommandLink.Start(address.Host)),
        AddressKind.Standard => new SingleListener(new StandardLink()),
        AddressKind.Descriptor when !IsListener(address.Number) => new SingleListener(OpenLink(selector, address)),
        _ => new SocketListener(await BindAsync(selector, address, settings, cancellationToken), address),
    };

    /// <summary>Binds a listener for streams, and turns on TLS if it is asked for.</summary>
    public static async Task<ServerSocket> BindAsync(SelectorManager selector, Address address, ListenSettings settings, CancellationToken cancellationToken)
    {
        ServerSocket server = address.Kind switch
        {
            AddressKind.Unix => await selector.Unix().Configure(Accepted).BindAsync(new UnixDomainSocketEndPoint(address.Host), cancellationToken: cancellationToken),
            AddressKind.Descriptor => selector.AdoptListener(Descriptors.OpenSocket(address.Number), Accepted),
            _ => await selector.Tcp().Configure(Accepted).BindAsync(settings.Network.HostOf(address), address.Number, Configure, cancellationToken),
        };
        if (settings.UseTls || address.Kind == AddressKind.Tls)
        {
            settings.Tls!.Use(server);
        }

        return server;

        void Accepted(StreamSocketOptions options) => options.SocketTimeout = settings.IdleTimeout ?? options.SocketTimeout;

        void Configure(TcpListenerOptions options)
        {
            if (settings.Proxies.Count > 0)
            {
                options.ProxyProtocol = new ProxyProtocolOptions();
                foreach (IPNetwork network in settings.Proxies)
                {
                    options.ProxyProtocol.TrustedNetworks.Add(network);
                }
            }
        }
    }

    private static bool IsListener(int descriptor)
    {
        if (!Descriptors.IsSocket(descriptor))
        {
            return false;
        }

        using var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: false));
        return socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is int and not 0;
    }

    private static Link OpenLink(SelectorManager selector, Address address) => Descriptors.IsSocket(address.Number)
        ? new ConnectionLink(selector.AdoptStream(Descriptors.OpenSocket(address.Number)).OpenConnection(), $"{address}")
        : Descriptors.OpenFile(address.Number);
}
