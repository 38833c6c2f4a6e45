using System.Runtime.CompilerServices;

namespace Sluice.Scheduling;

/// <summary>Holds the state of one asynchronous method while it waits. Each thread keeps one free object, and each processor another.</summary>
internal sealed class PooledStateMachine<TStateMachine, TResult> : PooledStateMachine<TResult>
    where TStateMachine : IAsyncStateMachine
{
    // How many processors' objects a thread looks at before it makes one.
    private const int Looks = 4;

    private static readonly ContextCallback s_moveNext = static machine => Unsafe.As<PooledStateMachine<TStateMachine, TResult>>(machine!)._stateMachine!.MoveNext();

    // Exchanged.
    private static readonly Slot[] s_free = new Slot[Environment.ProcessorCount];

    [ThreadStatic]
    private static PooledStateMachine<TStateMachine, TResult>? s_freeOfThread;

    // Made for the first awaiter that knows nothing of SuspendedMethod.
    private Action? _continuation;

    // Of the method, from its first wait to its end.
    private TStateMachine? _stateMachine;
    private ExecutionContext? _context;

    private PooledStateMachine()
    {
    }

    /// <summary>Gets what continues the method, for an awaiter that takes nothing else.</summary>
    public Action OwnContinuation => _continuation ??= Continue;

    /// <summary>Prepares the method for a wait: moves its state to an object, at its first wait, and keeps the execution context.</summary>
    /// <param name="stateMachine">The method's state.</param>
    /// <param name="machine">The field of its builder, which is part of the state.</param>
    /// <returns>The object that has the method's state.</returns>
    public static PooledStateMachine<TStateMachine, TResult> Suspend(ref TStateMachine stateMachine, ref PooledStateMachine<TResult>? machine)
    {
        ExecutionContext? context = ExecutionContext.Capture();
        if (machine is null)
        {
            PooledStateMachine<TStateMachine, TResult> rented = Rent();

            // Before the copy: the copy's builder needs it, too.
            machine = rented;
            rented._stateMachine = stateMachine;
            rented._context = context;
            return rented;
        }

        var own = Unsafe.As<PooledStateMachine<TStateMachine, TResult>>(machine);
        if (!ReferenceEquals(own._context, context))
        {
            own._context = context;
        }

        return own;
    }

    protected override void Return()
    {
        _stateMachine = default;
        _context = null;
        if (s_freeOfThread is null)
        {
            s_freeOfThread = this;
            return;
        }

        int at = Thread.GetCurrentProcessorId();
        for (int look = 0; look < Looks; look++, at++)
        {
            ref PooledStateMachine<TStateMachine, TResult>? slot = ref s_free[(uint)at % (uint)s_free.Length].Machine;
            if (slot is null)
            {
                // Another thread may store its own at the same time: one of the two is left to the garbage collector.
                Volatile.Write(ref slot, this);
                return;
            }
        }
    }

    protected override void Continue()
    {
        if (_context is { } context)
        {
            ExecutionContext.Run(context, s_moveNext, this);
        }
        else
        {
            _stateMachine!.MoveNext();
        }
    }

    private static PooledStateMachine<TStateMachine, TResult> Rent()
    {
        if (s_freeOfThread is { } free)
        {
            s_freeOfThread = null;
            return free;
        }

        int at = Thread.GetCurrentProcessorId();
        for (int look = 0; look < Looks; look++, at++)
        {
            ref PooledStateMachine<TStateMachine, TResult>? slot = ref s_free[(uint)at % (uint)s_free.Length].Machine;
            if (slot is not null && Interlocked.Exchange(ref slot, null) is { } shared)
            {
                return shared;
            }
        }

        return new PooledStateMachine<TStateMachine, TResult>();
    }

    // A cache line each, on every processor (128 bytes on arm64).
    private struct Slot
    {
        public PooledStateMachine<TStateMachine, TResult>? Machine;
#pragma warning disable CS0169, IDE0051 // Only takes room.
        private readonly Padding _padding;
#pragma warning restore CS0169, IDE0051
    }

    [InlineArray(15)]
    private struct Padding
    {
        private long _first;
    }
}
