using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Opens listeners.</summary>
internal static class Listeners
{
    public static async Task<Listener> OpenAsync(SelectorManager selector, Address address, ListenSettings settings, CancellationToken cancellationToken) => address.Kind switch
    {
        AddressKind.Udp => new DatagramListener(
            await selector.Udp().BindAsync(settings.Network.HostOf(address), address.Number, cancellationToken: cancellationToken), settings.Errors),
        AddressKind.Command => new SingleListener(CommandLink.Start(address.Host)),
        AddressKind.Standard => new SingleListener(new StandardLink()),
        AddressKind.Descriptor when !IsListener(address.Number) => new SingleListener(OpenLink(selector, address)),
        _ => new SocketListener(await BindAsync(selector, address, settings, cancellationToken), address, settings.Errors),
    };

    /// <summary>Binds a listener for streams, with what is <see cref="Apply">above it</see>.</summary>
    public static async Task<ServerSocket> BindAsync(SelectorManager selector, Address address, ListenSettings settings, CancellationToken cancellationToken)
    {
        Prepare(address, settings);
        ServerSocket server = address.Kind switch
        {
            AddressKind.Unix => await selector.Unix().Configure(settings.Apply).BindAsync(new UnixDomainSocketEndPoint(address.Host), cancellationToken: cancellationToken),
            AddressKind.Descriptor => selector.AdoptListener(Descriptors.OpenSocket(address.Number), settings.Apply),
            _ => await selector.Tcp().Configure(settings.Apply).BindAsync(settings.Network.HostOf(address), address.Number, cancellationToken: cancellationToken),
        };
        return Apply(server, address, settings);
    }

    /// <summary>Finds what is wrong with the settings before there is a listener.</summary>
    public static void Prepare(Address address, ListenSettings settings)
    {
        if (settings.Proxies.Count > 0 && address.Kind == AddressKind.Unix)
        {
            throw new ArgumentException("--accept-proxy needs a listener for TCP: the clients of a Unix domain socket have no addresses.");
        }

        if (settings.UseTls || address.Kind == AddressKind.Tls)
        {
            settings.Tls!.Load();
        }
    }

    /// <summary>Turns on the PROXY protocol and TLS for a new or inherited listener, if they are asked for.</summary>
    public static ServerSocket Apply(ServerSocket server, Address address, ListenSettings settings)
    {
        if (settings.Proxies.Count > 0)
        {
            // As the specification says, and as the command itself sends for a client that has no address.
            var options = new ProxyProtocolOptions { ServeLocalConnections = true };
            foreach (IPNetwork network in settings.Proxies)
            {
                options.TrustedNetworks.Add(network);
            }

            server.UseProxyProtocol(options);
        }

        if (settings.UseTls || address.Kind == AddressKind.Tls)
        {
            settings.Tls!.Use(server);
        }

        return server;
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
