namespace Sluice.Scheduling;

/// <summary>
/// The time in which one thread runs the continuations of a scheduler. The turn says whether the thread is inside user code, and keeps the
/// writers that user code left to the end of the turn.
/// </summary>
/// <remarks>
/// The monitor can take the turn over while user code runs (<see cref="TryTakeOver"/>). So user code may lose the turn between any two of its
/// calls, and its thread finds out when the code returns (<see cref="TryExit"/>).
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

    // Even: the thread runs the scheduler's code. Odd: it is inside user code. Grows with each entry, so that the monitor can tell one entry from
    // the next. Written by the turn's thread, and by the monitor with a compare-exchange.
    private long _state;

    // A stack of writers without a lock: the turn's thread pushes, and that thread or the monitor takes all of them.
    private IDeferredFlush? _deferred;

    // Of the turn's thread.
    private int _budget;

    /// <summary>Gets this thread's turn; null on a thread that runs no continuations of a scheduler, or whose turn was taken over.</summary>
    public static LoopTurn? Current => s_current is { } turn && !turn.IsTakenOver ? turn : null;

    /// <summary>
    /// Whether the running continuation has used up its budget. A continuation whose turn was taken over has a budget, too: otherwise, its thread would serve
    /// one connection for as long as data comes, and its caller would not continue.
    /// </summary>
    public static bool IsBudgetSpent => s_current is { _budget: <= 0 };

    /// <summary>Gets the scheduler whose continuations the thread runs.</summary>
    public IScheduler Scheduler { get; } = scheduler;

    public bool IsTakenOver => Volatile.Read(ref _state) == TakenOver;

    /// <summary>Odd while inside user code; see <see cref="TryTakeOver"/>.</summary>
    public long State => Volatile.Read(ref _state);

    private bool IsInUserCode => (Volatile.Read(ref _state) & 1) != 0;

    /// <summary>Whether this thread runs the scheduler's code in this turn, and so may touch the scheduler's unlocked state.</summary>
    public bool IsOwnedByThisThread => ReferenceEquals(s_current, this) && (Volatile.Read(ref _state) & 1) == 0 && !IsTakenOver;

    /// <summary>Takes one operation that completed synchronously off the running continuation's budget.</summary>
    public static void ConsumeBudget()
    {
        if (s_current is { } turn)
        {
            turn._budget--;
        }
    }

    /// <summary>
    /// Whether a wait that begins now gives way because the budget is spent. A thread whose turn was taken over then gets a new budget here: it starts no other
    /// continuation, which would renew it.
    /// </summary>
    public static bool GivesWay()
    {
        if (s_current is not { _budget: <= 0 } turn)
        {
            return false;
        }

        if (turn.IsTakenOver)
        {
            turn._budget = Budget;
        }

        return true;
    }

    /// <summary>Leaves <paramref name="writer"/> to the end of the turn. False where there is no turn: the caller flushes at once.</summary>
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

        // The monitor empties the stack after it takes a turn over. If it did so before this push, no other thread takes the writer.
        if (turn.IsTakenOver)
        {
            turn.RunDeferred();
        }

        return true;
    }

    /// <summary>Makes this the thread's turn.</summary>
    public void Begin() => s_current = this;

    /// <summary>Ends the thread's part in the turn, whether or not it was taken over.</summary>
    public void End()
    {
        s_current = null;
        RunDeferred();
    }

    /// <summary>Enters user code. The caller passes the result to <see cref="TryExit"/>.</summary>
    public long Enter()
    {
        _budget = Budget;
        long entered = _state + 1;
        Volatile.Write(ref _state, entered);
        return entered;
    }

    /// <summary>Leaves user code. False if the turn was taken over: this thread must not touch the scheduler's unlocked state any more.</summary>
    public bool TryExit(long entered) => Interlocked.CompareExchange(ref _state, entered + 1, entered) == entered;

    /// <summary>
    /// Takes the turn from a thread that has been inside the same piece of user code since <paramref name="observed"/> was read.
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
