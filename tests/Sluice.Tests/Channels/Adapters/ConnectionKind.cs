namespace Sluice.Tests.Channels.Adapters;

/// <summary>What lies below a connection.</summary>
public enum ConnectionKind
{
    Tcp,
    Unix,
    Tls,
    Memory,
    MemoryTls,
}
