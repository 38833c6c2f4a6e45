using Sluice.Scheduling;

namespace Sluice.Testing.Scheduling;

/// <summary>Runs everything of one run on one thread, one piece of work after the other, in an order that the schedule chooses. Time moves when nothing can run.</summary>
internal sealed class SimulationLoop(ISchedule schedule, SimulationOptions options)
{
    // How many pieces of work may run before virtual time moves. A run that needs more goes round in circles.
    private const int MaxStepsAtOnce = 5_000_000;

    // How many may run to close what the run has left open.
    private const int MaxStepsToStop = 100_000;

    // A part of the limit, so that one option suits a busy machine.
    private const int PatiencesInLimit = 30;

    private static readonly TimeSpan s_minPatience = TimeSpan.FromMilliseconds(250);

    // A part of the limit as well: how long work that the thread pool runs may take.
    private const int JoinsInLimit = 3;

    private readonly List<WorkItem> _ready = [];
    private readonly PoolQueue? _pool = PoolQueue.IsSupported ? PoolQueue.Install() : null;
    private readonly long _limit = options.TimeLimit.Ticks;

    private PoolJoin? _join;

    // The thread of the simulation, or one of the pool for which it waits. Read by any thread.
    private Thread _thread = Thread.CurrentThread;

    // The first failure. Written with a compare-exchange, by any thread.
    private Exception? _failure;
    private Domain? _current;
    private bool _finished;
    private long _steps;

    public Agenda Agenda { get; } = new();

    /// <summary>
    /// Gets how long, in real time, the thread waits for another one: for a lock that it holds, and for what it says before a run fails in which nothing can run.
    /// </summary>
    public TimeSpan Patience { get; } = TimeSpan.FromTicks(Math.Max(s_minPatience.Ticks, options.RealTimeLimit.Ticks / PatiencesInLimit));

    /// <summary>Gets the number of pieces of work that have run. Read by the watchdog.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>Gets the domain whose code runs, or has run last, for the watchdog.</summary>
    public string? CurrentName => Volatile.Read(ref _current)?.Name;

    /// <summary>Gets the domain whose code runs, or has run last; null before the first. Only on the thread.</summary>
    public Domain? Current => _current;

    public bool IsOnThread => ReferenceEquals(Thread.CurrentThread, Volatile.Read(ref _thread));

    /// <summary>Gets the failure that ends the run; null if there is none.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Adds a piece of work that is ready to run.</summary>
    public void Add(in WorkItem item)
    {
        if (IsOnThread)
        {
            _ready.Add(item);
        }
        else if (item.Domain is { IsAlive: true } domain)
        {
            _ = ReportEscape($"another thread has resumed code of '{domain.Name}'");
        }
    }

    /// <summary>Ends the run with a failure, unless it has one.</summary>
    public void Fail(Exception failure) => Interlocked.CompareExchange(ref _failure, failure, null);

    /// <summary>Ends the run with a failure of a host's program, unless the run is over.</summary>
    public void FailFrom(string host, Exception failure)
    {
        if (!_finished)
        {
            Fail(new SimulationProgramException(host, failure));
        }
    }

    /// <summary>Ends the run, because something has left the thread or blocks it.</summary>
    /// <returns>The failure, for the caller to throw where it can.</returns>
    public SimulationEscapeException ReportEscape(string what)
    {
        var escape = new SimulationEscapeException(what, Environment.StackTrace);
        if (!Volatile.Read(ref _finished))
        {
            Fail(escape);
        }

        return escape;
    }

    /// <summary>Runs until the task has ended, or the run has failed.</summary>
    public void Run(Task until)
    {
        int stepsAtOnce = 0;
        while (!until.IsCompleted && Failure is null)
        {
            TakePooled();
            TakeDue();
            if (_ready.Count > 0)
            {
                RunOne();
                if (++stepsAtOnce > MaxStepsAtOnce)
                {
                    Fail(new InvalidOperationException($"{MaxStepsAtOnce} pieces of work ran while virtual time stood still, the last of them in '{CurrentName}'."));
                }

                continue;
            }

            stepsAtOnce = 0;
            Advance();
        }
    }

    /// <summary>Runs until the task has ended, or the run has failed, within a piece of work that waits for it.</summary>
    public void RunNested(Task until)
    {
        Domain domain = _current!;
        SynchronizationContext? context = SynchronizationContext.Current;
        EndTurn(domain);
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Run(until);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
            BeginTurn(domain);
        }
    }

    /// <summary>Runs what enters the common queue of the thread pool from this thread, from now on.</summary>
    public void JoinPool()
    {
        PoolQueue queue = _pool ?? throw new PlatformNotSupportedException("The thread pool of this runtime cannot be joined.");
        _join = new PoolJoin(this, queue, options.RealTimeLimit / JoinsInLimit);
        PoolJoin.Begin(_join);
    }

    /// <summary>Makes another thread that of the simulation, which the caller then does not use.</summary>
    /// <returns>The one that it was.</returns>
    public Thread HandTo(Thread thread)
    {
        Thread before = _thread;
        Volatile.Write(ref _thread, thread);
        return before;
    }

    /// <summary>Lets code of a domain run on this thread, in a turn: what it writes leaves when it yields, as on a loop.</summary>
    public void BeginTurn(Domain domain)
    {
        _current = domain;
        domain.Turn.Begin();
        domain.Turn.Enter();
    }

    /// <summary>Ends <see cref="BeginTurn"/>.</summary>
    public static void EndTurn(Domain domain)
    {
        domain.Turn.TryExit(domain.Turn.State);
        domain.Turn.End();
    }

    /// <summary>Ignores failures from now on.</summary>
    public void BeginStop() => Volatile.Write(ref _finished, true);

    /// <summary>Runs what can run without a change of the time, until the task has ended.</summary>
    public void RunAtOnce(Task until)
    {
        for (int steps = 0; !until.IsCompleted && steps < MaxStepsToStop; steps++)
        {
            TakePooled();
            TakeDue();
            if (_ready.Count == 0)
            {
                return;
            }

            RunOne();
        }
    }

    /// <summary>Drops what is left.</summary>
    public void Finish()
    {
        // The tasks are never completed. The garbage collector takes them.
        TakePooled();
        _ready.Clear();
        _join?.Finish();
    }

    private void Advance()
    {
        if (!Agenda.TryAdvance(out AgendaEntry? entry))
        {
            SpinWait.SpinUntil(() => Failure is not null, Patience);
            Fail(new InvalidOperationException("Nothing can run any more, and the test has not ended: all that is left waits for something that will not come."));
        }
        else if (Agenda.Now > _limit)
        {
            Fail(new TimeoutException($"The test has not ended within {options.TimeLimit} of virtual time."));
        }
        else
        {
            AddDue(entry!);
        }
    }

    private void TakeDue()
    {
        while (Agenda.TryTakeDue() is { } entry)
        {
            AddDue(entry);
        }
    }

    private void AddDue(AgendaEntry entry) => _ready.Add(new WorkItem(entry.Kind, entry.Domain, entry));

    private void TakePooled()
    {
        while (_pool?.TryTake() is { } work)
        {
            _join?.Forget(work);
            _ready.Add(new WorkItem(WorkKind.Pooled, _current!, work));
        }

        _join?.AddReady(_ready);
    }

    private void RunOne()
    {
        int index = schedule.Choose(_ready);
        WorkItem item = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        Volatile.Write(ref _steps, _steps + 1);
        Domain domain = item.Domain;
        if (domain.IsPaused && item.Kind != WorkKind.Kernel)
        {
            domain.Hold(item);
        }
        else if (!domain.IsAlive)
        {
            return;
        }
        else if (item.Kind == WorkKind.Joined)
        {
            _join!.RunNext(domain);
        }
        else
        {
            RunIn(domain, item);
        }
    }

    private void RunIn(Domain domain, in WorkItem item)
    {
        BeginTurn(domain);
        try
        {
            Run(domain, item);
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
        finally
        {
            EndTurn(domain);
        }
    }

    private static void Run(Domain domain, in WorkItem item)
    {
        switch (item.Kind)
        {
            case WorkKind.Posted:
                SynchronizationContext.SetSynchronizationContext(domain.Context);
                try
                {
                    ((SendOrPostCallback)item.Work)(item.State);
                }
                finally
                {
                    SynchronizationContext.SetSynchronizationContext(null);
                }

                break;
            case WorkKind.Runnable:
                // Without a context: a continuation after ConfigureAwait(false) then runs at once, and one of a user is posted to the context it has captured.
                ((IRunnable)item.Work).Run();
                break;
            case WorkKind.Pooled:
                PoolQueue.Run(item.Work);
                break;
            default:
                ((AgendaEntry)item.Work).Run();
                break;
        }
    }
}
