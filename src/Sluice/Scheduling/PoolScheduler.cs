namespace Sluice.Scheduling;

/// <summary>
/// Continuations on the thread pool. Each still runs inside a <see cref="Turn"/>, so that what a handler writes leaves
/// in one piece when it yields, on every engine alike.
/// </summary>
internal sealed class PoolScheduler : IScheduler, ITurnSource, IDisposable
{
    [ThreadStatic]
    private static bool s_inCallback;

    [ThreadStatic]
    private static IRunnable? s_next;

    private readonly ThreadLocal<Turn> _turn = new();

    // What the monitor goes through every few milliseconds: ThreadLocal.Values would allocate each time.
    private readonly List<(Thread Thread, Turn Turn)> _turns = [];
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

    /// <summary>To be called first thing when the system calls back on a pool thread: what <see cref="Schedule"/> gets until <see cref="EndCallback"/> then runs right here.</summary>
    public static void BeginCallback() => s_inCallback = Turn.Current is null;

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
        Turn turn;
        try
        {
            turn = _turn.Value is { IsStolen: false } mine ? mine : AddTurn();
        }
        catch (ObjectDisposedException)
        {
            item.Run();
            return;
        }

        if (Turn.Current is not null)
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
            turn.TryLeave(entered);
            turn.End();
        }
    }

    /// <summary>Every run wakes the monitor for itself.</summary>
    public bool IsRunning => false;

    public void CollectTurns(ICollection<Turn> into)
    {
        lock (_turns)
        {
            for (int i = _turns.Count - 1; i >= 0; i--)
            {
                if (_turns[i].Thread.IsAlive && !_turns[i].Turn.IsStolen)
                {
                    into.Add(_turns[i].Turn);
                }
                else
                {
                    _turns.RemoveAt(i);
                }
            }
        }
    }

    /// <summary>A pool thread has no role to hand on: only what it has written must not wait for it.</summary>
    public void OnStolen(Turn turn) => turn.RunDeferred();

    public void Dispose()
    {
        _monitor?.Unwatch(this);
        _turn.Dispose();
    }

    private Turn AddTurn()
    {
        var turn = new Turn(this);
        _turn.Value = turn;
        if (_monitor is not null)
        {
            lock (_turns)
            {
                _turns.Add((Thread.CurrentThread, turn));
            }
        }

        return turn;
    }
}
