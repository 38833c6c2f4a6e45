using System.Collections.Concurrent;

namespace Sluice.Testing.Scheduling;

/// <summary>
/// Work that code of a run has put into the queue that all threads of the pool share. One of them takes it, waits for its turn, and runs it while the thread
/// of the simulation waits.
/// </summary>
/// <param name="join">The run's part.</param>
/// <param name="domain">The code that has queued it.</param>
/// <param name="id">The hash code of the work.</param>
internal sealed class JoinedWork(PoolJoin join, Domain domain, long id)
{
    // Work that no thread has taken yet, by its hash code. Changed under s_gate.
    private static readonly ConcurrentDictionary<long, JoinedWork> s_queued = new();
    private static readonly Lock s_gate = new();

    [ThreadStatic]
    private static JoinedWork? s_running;

    private readonly object _gate = new();
    private JoinedState _state;
    private Thread? _thread;
    private JoinedWork? _sameId;

    /// <summary>Gets what runs on this thread of the pool; null if it runs nothing of a simulation.</summary>
    public static JoinedWork? Running => s_running;

    public Domain Domain => domain;

    public long Id => id;

    public SimulationLoop Loop => join.Loop;

    /// <summary>Gets or sets the private queue of the thread that runs it, which the thread gets back.</summary>
    public object? OwnLocals { get; set; }

    /// <summary>Takes the first work with a hash code that is not taken yet; null if there is none. Any thread.</summary>
    public static JoinedWork? TakeQueued(long id)
    {
        if (!s_queued.ContainsKey(id))
        {
            return null;
        }

        lock (s_gate)
        {
            if (s_queued.TryGetValue(id, out JoinedWork? work))
            {
                work.Remove();
            }

            return work;
        }
    }

    /// <summary>Lets a thread of the pool find it.</summary>
    public void Publish()
    {
        lock (s_gate)
        {
            if (!s_queued.TryAdd(id, this))
            {
                JoinedWork last = s_queued[id];
                while (last._sameId is { } next)
                {
                    last = next;
                }

                last._sameId = this;
            }
        }
    }

    /// <summary>Says that the simulation does not wait for it: its thread may go on, if it has one.</summary>
    public void Dismiss()
    {
        lock (s_gate)
        {
            Remove();
        }

        lock (_gate)
        {
            if (_state < JoinedState.Runs)
            {
                Change(JoinedState.Dismissed);
            }
        }
    }

    /// <summary>Waits for its turn. Called by the thread of the pool that is about to run it.</summary>
    public void Arrive()
    {
        lock (_gate)
        {
            if (_state == JoinedState.Queued)
            {
                _thread = Thread.CurrentThread;
                Change(JoinedState.Arrived);
                while (_state == JoinedState.Arrived)
                {
                    Monitor.Wait(_gate);
                }
            }

            if (_state != JoinedState.Runs)
            {
                return;
            }
        }

        s_running = this;
        join.Enter(this);
    }

    /// <summary>Lets its thread run it, and waits for the end. Called by the thread that runs the simulation.</summary>
    /// <returns>False if the thread has not come, or has not finished, in time.</returns>
    public bool TryRun(TimeSpan patience)
    {
        if (!WaitFor(JoinedState.Arrived, patience))
        {
            return false;
        }

        Thread own = join.Loop.HandTo(_thread!);
        lock (_gate)
        {
            Change(JoinedState.Runs);
        }

        bool ended = WaitFor(JoinedState.Ended, patience);
        join.Loop.HandTo(own);
        return ended;
    }

    /// <summary>Says that its thread has run it. Called by that thread.</summary>
    public void End()
    {
        s_running = null;
        join.Leave(this);
        lock (_gate)
        {
            Change(JoinedState.Ended);
        }
    }

    private bool WaitFor(JoinedState state, TimeSpan patience)
    {
        long began = TimeProvider.System.GetTimestamp();
        lock (_gate)
        {
            while (_state != state)
            {
                TimeSpan left = patience - TimeProvider.System.GetElapsedTime(began);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_gate, left))
                {
                    return _state == state;
                }
            }
        }

        return true;
    }

    private void Change(JoinedState state)
    {
        _state = state;
        Monitor.PulseAll(_gate);
    }

    // Under s_gate.
    private void Remove()
    {
        if (!s_queued.TryGetValue(id, out JoinedWork? first))
        {
            return;
        }

        if (!ReferenceEquals(first, this))
        {
            while (first._sameId is { } next && !ReferenceEquals(next, this))
            {
                first = next;
            }

            first._sameId = _sameId;
        }
        else if (_sameId is { } second)
        {
            s_queued[id] = second;
        }
        else
        {
            s_queued.TryRemove(id, out _);
        }
    }
}
