using Sluice.Scheduling;

namespace Sluice.Testing.Scheduling;

/// <summary>
/// Code that stops together: that of a host, from its start to its crash, or that of the test. It has a clock, a synchronization context for its own code, and
/// a scheduler for the continuations of Sluice.
/// </summary>
internal sealed class Domain : IScheduler
{
    private readonly List<WorkItem> _held = [];
    private int _pauses;

    public Domain(SimulationLoop loop, string name, TimeSpan clockOffset)
    {
        Loop = loop;
        Name = name;
        Clock = new SimulatedTime(this, clockOffset);
        Context = new DomainContext(this);
        Turn = new LoopTurn(this);
    }

    public SimulationLoop Loop { get; }

    /// <summary>Gets the name of the host.</summary>
    public string Name { get; }

    public SimulatedTime Clock { get; }

    public DomainContext Context { get; }

    public LoopTurn Turn { get; }

    /// <summary>Gets a value indicating whether its code runs. Once false, nothing of it runs any more, not even what a finally block has.</summary>
    public bool IsAlive { get; private set; } = true;

    public bool IsPaused => _pauses > 0;

    /// <summary>Gets or sets how many sockets its code has open, as a process has descriptors.</summary>
    public int OpenSockets { get; set; }

    /// <summary>Gets true: nothing but the seed delays an item.</summary>
    public bool IsNeverHeldUp => true;

    public void Schedule(IRunnable item) => Loop.Add(new WorkItem(WorkKind.Runnable, this, item));

    public void RunOnPoolThread(IRunnable item) => Schedule(item);

    public void QueueToPool(IThreadPoolWorkItem item) => Loop.Add(new WorkItem(WorkKind.Pooled, this, item));

    /// <summary>Stops its code where it is.</summary>
    public void Kill()
    {
        IsAlive = false;
        _held.Clear();
    }

    /// <summary>Lets nothing of it run until <see cref="Resume"/>, which each pause needs. Its timers fire then.</summary>
    public void Pause() => _pauses++;

    public void Resume()
    {
        if (--_pauses > 0)
        {
            return;
        }

        foreach (WorkItem item in _held)
        {
            Loop.Add(item);
        }

        _held.Clear();
    }

    /// <summary>Keeps an item until the end of the pause.</summary>
    internal void Hold(in WorkItem item) => _held.Add(item);
}
