namespace Sluice.Scheduling;

/// <summary>
/// One thread's stay in the role of running continuations. It knows whether the thread is inside user code right now, and
/// keeps what user code left for the end of the turn.
/// </summary>
/// <remarks>
/// The role can be taken away while user code runs (<see cref="TryTakeOver"/>). So everything user code does through the turn is
/// safe against losing it at any moment, and the thread learns of the loss when it leaves user code (<see cref="TryExit"/>).
/// </remarks>
internal sealed class LoopTurn(IScheduler scheduler)
{
    /// <summary>
    /// How many receives, accepts or full flushes one continuation may complete synchronously before it has to let others run.
    /// </summary>
    internal const int Budget = 16;

    private const long TakenOver = long.MinValue;

    [ThreadStatic]
    private static LoopTurn? s_current;

    // Even: the thread runs its own code. Odd: it is inside user code. Grows with every entry, so that an observer can tell one stay from
    // the next.
    private long _state;
    private IDeferredFlush? _deferred;
    private int _budget;

    /// <summary>The turn this thread is in, or null on a thread that runs no continuations for us, or that lost the role.</summary>
    public static LoopTurn? Current => s_current is { } turn && !turn.IsTakenOver ? turn : null;

    /// <summary>Whether the current continuation has used up what it may complete synchronously.</summary>
    public static bool IsBudgetSpent => s_current is { _budget: <= 0 } turn && !turn.IsTakenOver;

    /// <summary>What this thread runs continuations for.</summary>
    public IScheduler Scheduler { get; } = scheduler;

    public bool IsTakenOver => Volatile.Read(ref _state) == TakenOver;

    /// <summary>Odd while inside user code; see <see cref="TryTakeOver"/>.</summary>
    public long State => Volatile.Read(ref _state);

    private bool IsInUserCode => (Volatile.Read(ref _state) & 1) != 0;

    /// <summary>Whether this thread runs its own code in this turn, and so may touch what belongs to the role.</summary>
    public bool IsOwnedByThisThread => ReferenceEquals(s_current, this) && (Volatile.Read(ref _state) & 1) == 0 && !IsTakenOver;

    /// <summary>Counts one operation that completed synchronously against the running continuation's budget.</summary>
    public static void ConsumeBudget()
    {
        if (s_current is { } turn)
        {
            turn._budget--;
        }
    }

    /// <summary>Leaves <paramref name="writer"/> to the end of the turn. False where there is no turn: then flush at once.</summary>
    public static bool TryDefer(IDeferredFlush writer)
    {
        if (s_current is not { } turn || turn.IsTakenOver || !turn.IsInUserCode)
        {
            return false;
        }

        IDeferredFlush? head = Volatile.Read(ref turn._deferred);
        while (true)
        {
            writer.NextDeferred = head;
            IDeferredFlush? seen = Interlocked.CompareExchange(ref turn._deferred, writer, head);
            if (ReferenceEquals(seen, head))
            {
                break;
            }

            head = seen;
        }

        // Whoever took the role drained the list after taking it. If that was before our push, nobody else will look again.
        if (turn.IsTakenOver)
        {
            turn.RunDeferred();
        }

        return true;
    }

    /// <summary>Makes this the thread's turn.</summary>
    public void Begin() => s_current = this;

    /// <summary>Ends the thread's part in the turn, whether or not it still had the role.</summary>
    public void End()
    {
        s_current = null;
        RunDeferred();
    }

    /// <summary>Enters user code. The result goes to <see cref="TryExit"/>.</summary>
    public long Enter()
    {
        _budget = Budget;
        long entered = _state + 1;
        Volatile.Write(ref _state, entered);
        return entered;
    }

    /// <summary>Leaves user code. False: the role was taken meanwhile, and this thread must touch nothing that belongs to it.</summary>
    public bool TryExit(long entered) => Interlocked.CompareExchange(ref _state, entered + 1, entered) == entered;

    /// <summary>
    /// Takes the role from a thread that has been in the same stay in user code since <paramref name="observed"/> was read.
    /// </summary>
    public bool TryTakeOver(long observed) => (observed & 1) != 0 && Interlocked.CompareExchange(ref _state, TakenOver, observed) == observed;

    /// <summary>Flushes the writers that were left to the end of the turn.</summary>
    public void RunDeferred()
    {
        if (Volatile.Read(ref _deferred) is null)
        {
            return;
        }

        IDeferredFlush? writer = Interlocked.Exchange(ref _deferred, null);
        while (writer is not null)
        {
            IDeferredFlush? next = writer.NextDeferred;
            writer.NextDeferred = null;
            writer.FlushDeferred(Scheduler);
            writer = next;
        }
    }
}
