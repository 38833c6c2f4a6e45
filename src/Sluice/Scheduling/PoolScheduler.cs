namespace Sluice.Scheduling;

/// <summary>
/// Runs continuations on the thread pool. Each runs inside a <see cref="LoopTurn"/>, so that a handler's writes are sent together when it
/// yields, as on a loop.
/// </summary>
internal sealed class PoolScheduler : IScheduler, ITurnSource, IDisposable
{
    [ThreadStatic]
    private static bool s_inCallback;

    [ThreadStatic]
    private static IRunnable? s_next;

    private readonly ThreadLocal<LoopTurn> _turns = new();

    private readonly Lock _lock = new();

    // Under _lock. The monitor reads it every few milliseconds: ThreadLocal.Values would allocate a list each time, and keep the turns of threads
    // that have ended.
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
    /// Begins a callback of the system on a pool thread. The first item that <see cref="Schedule"/> gets from then on runs in
    /// <see cref="EndCallback"/>, on this thread.
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
            // This thread is inside user code of another turn: the item runs later, in a turn of its own.
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

    /// <summary>Gets false: each run calls <see cref="HandoffMonitor.EnsureAwake"/>.</summary>
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

    /// <summary>Takes a turn over: sends what its code has written. A pool thread runs no loop that another thread would have to go on with.</summary>
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
