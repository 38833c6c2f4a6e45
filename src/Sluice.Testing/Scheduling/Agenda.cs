namespace Sluice.Testing.Scheduling;

/// <summary>The virtual time of a run, and the events that are due later. Only the simulation's thread uses it.</summary>
internal sealed class Agenda
{
    private readonly PriorityQueue<AgendaEntry, (long Due, long Number)> _entries = new();
    private long _number;

    /// <summary>Gets the virtual time since the start of the run, in ticks of <see cref="TimeSpan"/>.</summary>
    public long Now { get; private set; }

    /// <summary>Takes the next event that is due now; null if there is none.</summary>
    public AgendaEntry? TryTakeDue()
    {
        while (_entries.TryPeek(out AgendaEntry? entry, out (long Due, long Number) at) && at.Due <= Now)
        {
            _entries.Dequeue();
            if (entry.TryTake(this, at.Due))
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Moves the time to the next event. False if there is none.</summary>
    public bool TryAdvance(out AgendaEntry? entry)
    {
        while (_entries.TryDequeue(out entry, out (long Due, long Number) at))
        {
            if (entry.TryTake(this, at.Due))
            {
                Now = Math.Max(Now, at.Due);
                return true;
            }
        }

        return false;
    }

    internal void Enqueue(AgendaEntry entry, long due) => _entries.Enqueue(entry, (due, _number++));
}
