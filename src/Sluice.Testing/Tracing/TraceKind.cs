namespace Sluice.Testing.Tracing;

/// <summary>The kind of an event of a trace.</summary>
internal enum TraceKind : byte
{
    Note,
    Packet,
    Lost,
    Host,
    Link,
}
