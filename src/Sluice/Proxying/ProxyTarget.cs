using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Proxying;

/// <summary>What a proxy is asked for, as it can be said to one.</summary>
internal static class ProxyTarget
{
    // As SOCKS5 counts it (RFC 1928, 5), and more than a name can have (RFC 1035, 2.3.4).
    private const int MaxHostLength = 255;

    /// <summary>Checked, and a name in the letters of the DNS (RFC 5891). A copy: it is used after the call, when the caller may have changed its own.</summary>
    /// <exception cref="ArgumentException">No proxy can be asked for this.</exception>
    public static EndPoint Normalize(EndPoint target)
    {
        if (target is IPEndPoint)
        {
            return EndPointCopy.Of(target);
        }

        if (target is not DnsEndPoint name)
        {
            throw new ArgumentException($"A proxy connects to a name or an address, and not to '{target}'.", nameof(target));
        }

        if (IPAddress.TryParse(name.Host, out IPAddress? address))
        {
            return new IPEndPoint(address, name.Port);
        }

        string host = name.Host.All(char.IsAscii) ? name.Host : new IdnMapping().GetAscii(name.Host);
        if (host.Length is 0 or > MaxHostLength || host.Any(character => character <= ' ' || "\x7f/\\?#@:[]".Contains(character, StringComparison.Ordinal)))
        {
            throw new ArgumentException($"'{host}' is not the name of a host.", nameof(target));
        }

        return new DnsEndPoint(host, name.Port, AddressFamily.Unspecified);
    }

    /// <summary>As in a URI: <c>example.com:443</c>, <c>[2001:db8::1]:443</c>.</summary>
    public static string Authority(EndPoint target) => target is DnsEndPoint name
        ? $"{name.Host}:{name.Port.ToString(CultureInfo.InvariantCulture)}"
        : WithoutScope((IPEndPoint)target).ToString();

    /// <summary>The address, without the interface: that is this machine's own, and none of the proxy's.</summary>
    public static IPEndPoint WithoutScope(IPEndPoint target) =>
        target.AddressFamily == AddressFamily.InterNetworkV6 ? new IPEndPoint(new IPAddress(target.Address.GetAddressBytes()), target.Port) : target;
}
