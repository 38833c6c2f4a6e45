using System.Net;
using System.Net.Sockets;
using Sluice.Engine;

namespace Sluice.Sockets;

/// <summary>Turns names into addresses.</summary>
internal static class EndPointResolver
{
    /// <exception cref="SocketException">The name does not resolve.</exception>
    public static ValueTask<IReadOnlyList<EndPoint>> ResolveAsync(string host, int port, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
        {
            throw new ArgumentOutOfRangeException(nameof(port), port, "A port is a number from 0 to 65535.");
        }

        return IPAddress.TryParse(host, out IPAddress? address)
            ? new ValueTask<IReadOnlyList<EndPoint>>([new IPEndPoint(address, port)])
            : LookUpAsync(new DnsEndPoint(host, port), cancellationToken);
    }

    /// <exception cref="SocketException">The name does not resolve.</exception>
    public static ValueTask<IReadOnlyList<EndPoint>> ResolveAsync(EndPoint endPoint, CancellationToken cancellationToken) =>
        endPoint is DnsEndPoint name ? LookUpAsync(name, cancellationToken) : new ValueTask<IReadOnlyList<EndPoint>>([endPoint]);

    private static async ValueTask<IReadOnlyList<EndPoint>> LookUpAsync(DnsEndPoint name, CancellationToken cancellationToken)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(name.Host, name.AddressFamily, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            // Whatever the resolver calls it (no such name, no data, no server to ask, not a name at all), the caller's remedy is the same.
            throw new SocketException((int)SocketError.HostNotFound, $"Resolving {SocketErrors.Describe(name)}: {exception.Message}");
        }

        return addresses.Length > 0
            ? Array.ConvertAll(addresses, EndPoint (address) => new IPEndPoint(address, name.Port))
            : throw SocketErrors.At(SocketError.HostNotFound, "Resolving", name);
    }
}
