namespace Sluice.Hosting;

/// <summary>The protocols of end points.</summary>
internal enum EndPointKind
{
    Tcp,
    Tls,
    Unix,
    Udp,
}
