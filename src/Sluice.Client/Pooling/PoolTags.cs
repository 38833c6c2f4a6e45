using System.Net;
using System.Net.Sockets;

namespace Sluice.Client.Pooling;

/// <summary>Creates the attributes of a pool's measurements.</summary>
internal static class PoolTags
{
    public static KeyValuePair<string, object?>[] Create(string name, EndPoint? endPoint)
    {
        KeyValuePair<string, object?> pool = new("sluice.client.pool.name", name);
        return endPoint switch
        {
            DnsEndPoint dns => [pool, new("server.address", dns.Host), new("server.port", dns.Port)],
            IPEndPoint ip => [pool, new("server.address", ip.Address.ToString()), new("server.port", ip.Port)],
            UnixDomainSocketEndPoint unix => [pool, new("server.address", unix.ToString())],
            _ => [pool],
        };
    }
}
