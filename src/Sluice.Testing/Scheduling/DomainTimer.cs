namespace Sluice.Testing.Scheduling;

/// <summary>A timer on the virtual clock of a domain.</summary>
internal sealed class DomainTimer(Domain domain, TimerCallback callback, object? state) : AgendaEntry, ITimer
{
    private static readonly ContextCallback s_call = static timer => ((DomainTimer)timer!).Call();

    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private TimeSpan _period;
    private bool _disposed;

    public override Domain Domain => domain;

    protected internal override WorkKind Kind => WorkKind.Timer;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_disposed || !domain.IsAlive)
        {
            return false;
        }

        if (!domain.Loop.IsOnThread)
        {
            _ = domain.Loop.ReportEscape($"a timer of '{domain.Name}' was set by another thread");
            return false;
        }

        _period = period;
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            Cancel();
        }
        else
        {
            Set(domain.Loop.Agenda, domain.Loop.Agenda.Now + dueTime.Ticks);
        }

        return true;
    }

    public override void Run()
    {
        if (_disposed || IsSet)
        {
            // Disposed of, or set anew, after it was due and before it ran.
            return;
        }

        if (_period > TimeSpan.Zero)
        {
            Set(domain.Loop.Agenda, domain.Loop.Agenda.Now + _period.Ticks);
        }

        if (_context is null)
        {
            Call();
        }
        else
        {
            ExecutionContext.Run(_context, s_call, this);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        Cancel();
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Call() => callback(state);
}
