namespace Sluice;

/// <summary>The versions of the PROXY protocol (haproxy, proxy-protocol.txt).</summary>
public enum ProxyProtocolVersion
{
    /// <summary>A line of text. Knows TCP over IPv4 and IPv6.</summary>
    V1 = 1,

    /// <summary>Binary. Knows Unix-domain sockets, too.</summary>
    V2 = 2,
}
