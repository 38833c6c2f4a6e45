using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Proxying;

/// <summary>Converts the target of a connection to the form that proxies accept.</summary>
internal static class ProxyTarget
{
    // The limit of SOCKS5 (RFC 1928, 5), which is more than the limit of names (RFC 1035, 2.3.4).
    private const int MaxHostLength = 255;

    /// <summary>Checks the target, and converts a name to ASCII (RFC 5891). Returns a copy: it is used after the call, when the caller may have changed its own.</summary>
    /// <exception cref="ArgumentException">The target is neither an address nor a valid name.</exception>
    public static EndPoint Normalize(EndPoint target)
    {
        if (target is IPEndPoint)
        {
            return EndPointCopy.Of(target);
        }

        if (target is not DnsEndPoint name)
        {
            throw new ArgumentException($"A proxy connects to a name or an address, not to '{target}'.", nameof(target));
        }

        if (IPAddress.TryParse(name.Host, out IPAddress? address))
        {
            return new IPEndPoint(address, name.Port);
        }

        string host = name.Host.All(char.IsAscii) ? name.Host : new IdnMapping().GetAscii(name.Host);
        if (host.Length is 0 or > MaxHostLength || host.Any(character => character <= ' ' || "\x7f/\\?#@:[]".Contains(character, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"'{host}' is not a valid host name.", nameof(target));
        }

        return new DnsEndPoint(host, name.Port, AddressFamily.Unspecified);
    }

    /// <summary>Formats the target as in a URI: <c>example.com:443</c>, <c>[2001:db8::1]:443</c>.</summary>
    public static string Authority(EndPoint target) => target is DnsEndPoint name
        ? $"{name.Host}:{name.Port.ToString(CultureInfo.InvariantCulture)}"
        : WithoutScope((IPEndPoint)target).ToString();

    /// <summary>Removes the scope of an address: the index of an interface is valid only on this machine, not on the proxy's.</summary>
    public static IPEndPoint WithoutScope(IPEndPoint target) =>
        target.AddressFamily == AddressFamily.InterNetworkV6 ? new IPEndPoint(new IPAddress(target.Address.GetAddressBytes()), target.Port) : target;
}
