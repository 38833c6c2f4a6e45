using Sluice.Testing.Scheduling;
using Sluice.Testing.Tracing;

namespace Sluice.Testing;

/// <summary>Represents what happened in a run: the packets, with the host that sent each and what became of it, and the faults. Acknowledgements are left out.</summary>
public sealed class SimulationTrace
{
    private readonly Agenda _agenda;
    private readonly int _capacity;
    private readonly Queue<TraceEvent> _events = new();
    private readonly List<string> _hosts = [];
    private TraceHash _hash = new();
    private bool _frozen;

    internal SimulationTrace(Agenda agenda, int capacity)
    {
        _agenda = agenda;
        _capacity = capacity;
    }

    /// <summary>
    /// Gets a hash over all events so far, with the bytes of each packet and the order of everything that ran. Two runs with the same seed have the same hash.
    /// </summary>
    public ulong Hash => _hash.Value;

    /// <summary>Gets the number of events so far, also of those that are no longer kept.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a note of the test.</summary>
    /// <param name="host">The host that the note is about.</param>
    /// <param name="text">The note.</param>
    public void Note(SimulatedHost host, string text)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(text);
        Add(TraceKind.Note, host.Name, null, text);
    }

    /// <summary>Draws the last events as a sequence diagram (https://mermaid.js.org), which GitHub and most editors show as a picture.</summary>
    /// <param name="maxEvents">The maximum number of arrows and notes. Packets of one connection that follow each other are one arrow.</param>
    /// <returns>The text of the diagram.</returns>
    public string ToMermaid(int maxEvents = 100)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxEvents);
        return MermaidTrace.Draw(_events, _hosts, maxEvents);
    }

    /// <summary>Returns the last events as text, one a line: the virtual time in seconds, the hosts, and what happened.</summary>
    public override string ToString() => string.Join(Environment.NewLine, _events);

    internal void AddHost(string name) => _hosts.Add(name);

    /// <summary>Adds nothing from now on: the run is over.</summary>
    internal void Freeze() => _frozen = true;

    internal void Add(TraceKind kind, string from, string? to, string text, int length = 0, int connection = 0)
    {
        if (_frozen)
        {
            return;
        }

        Mix((ulong)_agenda.Now ^ ((ulong)kind << 56));
        _hash.Add(from);
        _hash.Add(text);
        Mix(((ulong)connection << 32) | (uint)length);
        Count++;
        if (_events.Count == _capacity)
        {
            _events.Dequeue();
        }

        _events.Enqueue(new TraceEvent(_agenda.Now, kind, from, to, text, length, connection));
    }

    internal void Mix(ulong word)
    {
        if (!_frozen)
        {
            _hash.Add(word);
        }
    }

    internal void Mix(ReadOnlySpan<byte> bytes)
    {
        if (!_frozen)
        {
            _hash.Add(bytes);
        }
    }
}
