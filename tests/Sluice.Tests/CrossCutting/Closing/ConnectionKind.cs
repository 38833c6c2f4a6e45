namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>The kinds of connection that a test closes.</summary>
public enum ConnectionKind
{
    Tcp,
    Tls,
    Unix,
    Memory,
    MemoryTls,
}
