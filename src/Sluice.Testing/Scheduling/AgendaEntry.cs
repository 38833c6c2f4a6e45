namespace Sluice.Testing.Scheduling;

/// <summary>An event at a point of virtual time. It can be set again and again, and is in the agenda once.</summary>
internal abstract class AgendaEntry
{
    private const long Never = long.MaxValue;

    // When it is due, and the earliest time for which the agenda has it: that is earlier if it was set to a later time since.
    private long _due = Never;
    private long _queuedFor = Never;

    /// <summary>Gets the domain whose code, or whose kernel, it runs.</summary>
    public abstract Domain Domain { get; }

    public bool IsSet => _due != Never;

    /// <summary>Gets how it runs.</summary>
    protected internal virtual WorkKind Kind => WorkKind.Kernel;

    /// <summary>Sets it to a point of time, in place of an earlier one.</summary>
    public void Set(Agenda agenda, long due)
    {
        _due = due;
        if (due < _queuedFor)
        {
            _queuedFor = due;
            agenda.Enqueue(this, due);
        }
    }

    public void Cancel() => _due = Never;

    /// <summary>Runs it. Called when it is due.</summary>
    public abstract void Run();

    /// <summary>Takes it out of the agenda, which had it for this time. False if it is not due: it was canceled, or set to a later time.</summary>
    internal bool TryTake(Agenda agenda, long queuedFor)
    {
        if (queuedFor != _queuedFor)
        {
            return false;
        }

        _queuedFor = Never;
        if (_due <= queuedFor)
        {
            _due = Never;
            return true;
        }

        if (_due != Never)
        {
            Set(agenda, _due);
        }

        return false;
    }
}
