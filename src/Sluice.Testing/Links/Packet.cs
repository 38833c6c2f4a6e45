using System.Net;
using Sluice.Testing.Scheduling;
using Sluice.Testing.Tracing;

namespace Sluice.Testing.Links;

/// <summary>A packet on its way.</summary>
internal abstract class Packet(IPEndPoint source, IPEndPoint destination) : AgendaEntry
{
    public IPEndPoint Source { get; } = source;

    public IPEndPoint Destination { get; } = destination;

    /// <summary>Gets or sets the way that it takes.</summary>
    public SimulatedPath? Path { get; set; }

    /// <summary>Gets the receiver.</summary>
    public override Domain Domain => Path!.To.Domain;

    /// <summary>Gets the number of bytes that it has on a line, with its headers.</summary>
    public abstract int WireSize { get; }

    /// <summary>Gets the number of bytes of its payload.</summary>
    public abstract int Length { get; }

    /// <summary>Gets what it is, for rules.</summary>
    public abstract SimulatedPacketKind PacketKind { get; }

    /// <summary>Gets the number of its connection; 0 for none.</summary>
    public virtual int Connection => 0;

    /// <summary>Gets its name in a trace; null if only the hash has it.</summary>
    public abstract string? Label { get; }

    /// <summary>Adds its contents to the hash.</summary>
    public abstract void AddTo(SimulationTrace trace);

    public override void Run() => Path!.Arrive(this);

    /// <summary>Adds the packet, or its loss, to the trace.</summary>
    public void Trace(SimulationTrace trace, SimulatedPath path, string? lost)
    {
        AddTo(trace);
        if (lost is not null)
        {
            trace.Add(TraceKind.Lost, path.From.Name, path.To.Name, $"{Label ?? "ACK"} ({lost})", Length, Connection);
        }
        else if (Label is { } label)
        {
            trace.Add(TraceKind.Packet, path.From.Name, path.To.Name, label, Length, Connection);
        }
    }
}
