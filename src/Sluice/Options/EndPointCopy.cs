using System.Net;
using System.Net.Sockets;

namespace Sluice.Options;

/// <summary>Copies end points, because an <see cref="IPEndPoint"/> is mutable and callers may change theirs.</summary>
internal static class EndPointCopy
{
    /// <summary>
    /// Copies an end point. Immutable end points are returned unchanged. One of a type of the user's becomes one of the framework's: messages name it later, where
    /// no user code may run.
    /// </summary>
    public static EndPoint Of(EndPoint endPoint) => endPoint switch
    {
        IPEndPoint ip => Of(ip),
        DnsEndPoint dns => dns.GetType() == typeof(DnsEndPoint) ? dns : new DnsEndPoint(dns.Host, dns.Port, dns.AddressFamily),
        UnixDomainSocketEndPoint => endPoint,
        { AddressFamily: AddressFamily.InterNetwork } => new IPEndPoint(IPAddress.Any, 0).Create(endPoint.Serialize()),
        { AddressFamily: AddressFamily.InterNetworkV6 } => new IPEndPoint(IPAddress.IPv6Any, 0).Create(endPoint.Serialize()),
        _ => endPoint,
    };

    private static IPEndPoint Of(IPEndPoint ip)
    {
        Span<byte> bytes = stackalloc byte[16];
        ip.Address.TryWriteBytes(bytes, out int length);
        return new IPEndPoint(length == 4 ? new IPAddress(bytes[..4]) : new IPAddress(bytes, ip.Address.ScopeId), ip.Port);
    }
}
