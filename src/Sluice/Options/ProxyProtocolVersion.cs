namespace Sluice;

/// <summary>Specifies the version of the PROXY protocol (haproxy, proxy-protocol.txt).</summary>
public enum ProxyProtocolVersion
{
    /// <summary>A line of text, for TCP over IPv4 and IPv6.</summary>
    V1 = 1,

    /// <summary>Binary, also for Unix domain sockets.</summary>
    V2 = 2,
}
