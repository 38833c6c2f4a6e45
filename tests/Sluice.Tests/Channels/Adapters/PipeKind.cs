namespace Sluice.Tests.Channels.Adapters;

/// <summary>What a pipe's two ends are views of; the first two are the framework's own, which say what is right.</summary>
public enum PipeKind
{
    FrameworkPipe,
    FrameworkStream,
    Tcp,
    Unix,
    Tls,
    Memory,
    MemoryTls,
    OverPipe,
    OverStream,
}
