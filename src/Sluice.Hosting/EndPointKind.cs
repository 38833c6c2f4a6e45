namespace Sluice.Hosting;

/// <summary>What is spoken at an end point.</summary>
internal enum EndPointKind
{
    Tcp,
    Tls,
    Unix,
    Udp,
}
