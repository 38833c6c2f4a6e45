namespace Sluice.Scheduling;

/// <summary>
/// Continuations on the thread pool. Each still runs inside a <see cref="LoopTurn"/>, so that what a handler writes leaves
/// in one piece when it yields, on every engine alike.
/// </summary>
internal sealed class PoolScheduler : IScheduler, ITurnSource, IDisposable
{
    [ThreadStatic]
    private static bool s_inCallback;

    [ThreadStatic]
    private static IRunnable? s_next;

    private readonly ThreadLocal<LoopTurn> _turns = new();

    // What the monitor looks at, each few milliseconds: ThreadLocal.Values would make a list each time, and keep the turns of threads that
    // have gone.
    private readonly Lock _lock = new();
    private readonly List<(Thread Thread, LoopTurn Turn)> _watched = [];
    private readonly HandoffMonitor? _monitor;

    public PoolScheduler(HandoffMonitor? monitor)
    {
        _monitor = monitor;
        monitor?.Watch(this);
    }

    public void Schedule(IRunnable item)
    {
        if (s_inCallback && s_next is null)
        {
            s_next = item;
            return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
    }

    /// <summary>
    /// To be called first thing when the system calls back on a pool thread: what <see cref="Schedule"/> gets until
    /// <see cref="EndCallback"/> then runs right here.
    /// </summary>
    public static void BeginCallback() => s_inCallback = LoopTurn.Current is null;

    /// <inheritdoc cref="BeginCallback"/>
    public void EndCallback()
    {
        s_inCallback = false;
        if (s_next is { } next)
        {
            s_next = null;
            RunOnPoolThread(next);
        }
    }

    public void RunOnPoolThread(IRunnable item)
    {
        LoopTurn turn;
        try
        {
            turn = _turns.Value is { IsTakenOver: false } mine ? mine : CreateTurn();
        }
        catch (ObjectDisposedException)
        {
            item.Run();
            return;
        }

        if (LoopTurn.Current is not null)
        {
            // Inside somebody's user code already: no turn of its own in there.
            Schedule(item);
            return;
        }

        turn.Begin();
        long entered = turn.Enter();
        Interlocked.MemoryBarrier();
        _monitor?.EnsureAwake();
        try
        {
            item.Run();
        }
        finally
        {
            turn.TryExit(entered);
            turn.End();
        }
    }

    /// <summary>Every run wakes the monitor for itself.</summary>
    public bool IsRunning => false;

    public void CollectTurns(ICollection<LoopTurn> into)
    {
        lock (_lock)
        {
            for (int i = _watched.Count - 1; i >= 0; i--)
            {
                (Thread thread, LoopTurn turn) = _watched[i];
                if (turn.IsTakenOver || !thread.IsAlive)
                {
                    _watched.RemoveAt(i);
                }
                else
                {
                    into.Add(turn);
                }
            }
        }
    }

    /// <summary>A pool thread has no role to hand on: only what it has written must not wait for it.</summary>
    public bool TryTakeOver(LoopTurn turn, long state)
    {
        if (!turn.TryTakeOver(state))
        {
            return false;
        }

        turn.RunDeferred();
        return true;
    }

    public void Dispose()
    {
        _monitor?.Unwatch(this);
        _turns.Dispose();
    }

    private LoopTurn CreateTurn()
    {
        var turn = new LoopTurn(this);
        _turns.Value = turn;
        if (_monitor is not null)
        {
            lock (_lock)
            {
                _watched.Add((Thread.CurrentThread, turn));
            }
        }

        return turn;
    }
}
