using System.Threading.Tasks.Sources;

namespace Sluice.Scheduling;

/// <summary>
/// An event that one caller at a time waits for: data to receive, room to send, a connection to accept. It keeps a signal that comes while no
/// caller waits, and allocates nothing per wait.
/// </summary>
/// <remarks>
/// One word decides each race between a signal, a cancellation, a timeout and a close: the thread that moves it away from
/// <see cref="Waiting"/> completes the wait, on the scheduler and never in its own stack frames (a completion inside
/// <see cref="CancellationTokenSource.Cancel()"/> runs user code under the canceller's locks). The word carries a number that grows with each
/// wait, so that a late decision about one wait cannot end the next.
/// </remarks>
internal sealed class ReadinessEvent(IScheduler scheduler, bool initiallyReady = false) : IValueTaskSource<WaitOutcome>, IRunnable
{
    private const int Idle = 0;
    private const int Ready = 1;
    private const int Waiting = 2;
    private const int Completing = 3;
    private const int CompletingReady = 4;
    private const int PhaseMask = 7;
    private const int ClosedBit = 8;
    private const int WaitIncrement = 16;

    private int _state = initiallyReady ? Ready : Idle;

    // Of the thread that has completed the wait, until the scheduler runs this.
    private WaitOutcome _outcome;

    // Of the caller that waits.
    private ManualResetValueTaskSourceCore<WaitOutcome> _core;
    private CancellationTokenRegistration _registration;

    // Written by SetTimeout, which its owner calls from one thread at a time; read by the sweep and by Close.
    private InactivitySweep? _sweep;
    private long _timeout = long.MaxValue;

    // The word as the sweep last saw it. Written by the sweep, and by ReportProgress.
    private int _seen;

    // The low bits of the system's milliseconds when the wait began. Written by the caller that waits; a description of the sockets reads it.
    private int _since;

    // When the sweep first saw the wait. Of the sweep.
    private long _seenAt;

    /// <summary>Gets or sets a value indicating whether the reader above TLS waits here.</summary>
    public bool IsReadAbove { get; set; }

    public bool IsClosed => (Volatile.Read(ref _state) & ClosedBit) != 0;

    /// <summary>Gets a value indicating whether there is a signal to consume.</summary>
    public bool IsReady => (Volatile.Read(ref _state) & PhaseMask) == Ready;

    /// <summary>Gets the time that the wait in progress has lasted; null if there is none.</summary>
    public TimeSpan? Waited
    {
        get
        {
            int since = Volatile.Read(ref _since);
            return (Volatile.Read(ref _state) & PhaseMask) == Waiting
                ? TimeSpan.FromMilliseconds(Math.Max(0, unchecked(Environment.TickCount - since)))
                : null;
        }
    }

    /// <summary>Consumes the signal, if there is one. The next try is worth while only after another signal.</summary>
    public bool TryConsume()
    {
        int state = Volatile.Read(ref _state);
        return (state & (PhaseMask | ClosedBit)) == Ready && Interlocked.CompareExchange(ref _state, state - Ready + Idle, state) == state;
    }

    /// <summary>Waits as <see cref="Wait"/> does, for a method of the framework's builders.</summary>
    public ValueTask<WaitOutcome> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Wait(cancellationToken).AsValueTask();
        }
        catch (OperationCanceledException)
        {
            return ValueTask.FromCanceled<WaitOutcome>(cancellationToken);
        }
    }

    /// <summary>Waits for a signal, without consuming it. The owner calls it from one caller at a time.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled: thrown at once, if it was before this call.</exception>
    public PooledTask<WaitOutcome> Wait(CancellationToken cancellationToken)
    {
        bool yield = LoopTurn.GivesWay();
        _core.Reset();
        _registration = cancellationToken.UnsafeRegister(static readiness => ((ReadinessEvent)readiness!).Complete(WaitOutcome.Canceled), this);
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if ((state & ClosedBit) != 0)
            {
                return EndAtOnce(WaitOutcome.Closed);
            }

            bool ready = (state & PhaseMask) == Ready;
            if (ready && !yield)
            {
                return EndAtOnce(WaitOutcome.Ready);
            }

            // The registration, which keeps the token for the end of the wait, keeps none that is cancelled already.
            if (_registration == default)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            _since = Environment.TickCount;
            if (Interlocked.CompareExchange(ref _state, (state & ~PhaseMask) + WaitIncrement + Waiting, state) != state)
            {
                continue;
            }

            if (ready)
            {
                Set();
            }

            // The token may have been cancelled after the registration and before the word said Waiting: its callback then found no wait.
            if (cancellationToken.IsCancellationRequested)
            {
                Complete(WaitOutcome.Canceled);
            }

            return new PooledTask<WaitOutcome>(this, _core.Version);
        }
    }

    /// <summary>
    /// Signals that a try may succeed now. The signal is kept for the next wait if there is none in progress. The caller that consumes it sees all that this
    /// thread has written before.
    /// </summary>
    public void Set()
    {
        bool isOrdered = false;
        while (true)
        {
            int state = Volatile.Read(ref _state);
            int phase = state & PhaseMask;
            int next = phase switch
            {
                Idle => Ready,
                Waiting or Completing => CompletingReady,
                _ => phase,
            };
            if (next == phase)
            {
                if (isOrdered)
                {
                    return;
                }

                // The signal that is there may be consumed by a caller that does not see yet what this thread has written before: a write may become
                // visible after a later read of the same thread. Behind a barrier, the signal is there still, or is set again.
                Interlocked.MemoryBarrier();
                isOrdered = true;
                continue;
            }

            if (Interlocked.CompareExchange(ref _state, state - phase + next, state) == state)
            {
                if (phase == Waiting)
                {
                    End(WaitOutcome.Ready);
                }

                return;
            }
        }
    }

    /// <summary>Ends the wait in progress, if there is one, with <see cref="WaitOutcome.Interrupted"/>.</summary>
    public void Interrupt() => Complete(WaitOutcome.Interrupted);

    /// <summary>Ends the wait in progress and every later one with <see cref="WaitOutcome.Closed"/>.</summary>
    public void Close()
    {
        int before = Interlocked.Or(ref _state, ClosedBit);
        if ((before & ClosedBit) == 0)
        {
            Complete(WaitOutcome.Closed);
            _sweep?.Remove(this);
        }
    }

    /// <summary>Ends waits that last longer than <paramref name="timeout"/>; with <see cref="Timeout.InfiniteTimeSpan"/> it ends none.</summary>
    public void SetTimeout(TimeSpan timeout, InactivitySweep sweep)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            Volatile.Write(ref _timeout, long.MaxValue);
            sweep.Remove(this);
            return;
        }

        Volatile.Write(ref _timeout, sweep.ToTicks(timeout));
        _sweep = sweep;
        sweep.Add(this, timeout);
        if (IsClosed)
        {
            sweep.Remove(this);
        }
    }

    /// <summary>Restarts the timeout of the wait: there was progress, but not enough to end the wait.</summary>
    public void ReportProgress() => Volatile.Write(ref _seen, Idle);

    /// <summary>Ends the wait if it has lasted too long. Called by the sweep.</summary>
    public void CheckTimeout(long now)
    {
        int state = Volatile.Read(ref _state);
        if ((state & PhaseMask) != Waiting)
        {
            return;
        }

        if (Volatile.Read(ref _seen) != state)
        {
            _seenAt = now;
            Volatile.Write(ref _seen, state);
        }
        else if (now - _seenAt >= Volatile.Read(ref _timeout))
        {
            CompleteFrom(state, WaitOutcome.TimedOut);
        }
    }

    void IRunnable.Run() => _core.SetResult(_outcome);

    void IThreadPoolWorkItem.Execute() => scheduler.RunOnPoolThread(this);

    WaitOutcome IValueTaskSource<WaitOutcome>.GetResult(short token)
    {
        WaitOutcome outcome = _core.GetResult(token);
        CancellationToken cancellationToken = _registration.Token;
        ReleaseToken();
        while (true)
        {
            int state = Volatile.Read(ref _state);
            int next = (state & PhaseMask) == CompletingReady ? Ready : Idle;
            if (Interlocked.CompareExchange(ref _state, (state & ~PhaseMask) | next, state) == state)
            {
                break;
            }
        }

        return outcome == WaitOutcome.Canceled ? throw new OperationCanceledException(cancellationToken) : outcome;
    }

    ValueTaskSourceStatus IValueTaskSource<WaitOutcome>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<WaitOutcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Complete(WaitOutcome outcome)
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if ((state & PhaseMask) != Waiting || CompleteFrom(state, outcome))
            {
                return;
            }
        }
    }

    private bool CompleteFrom(int state, WaitOutcome outcome)
    {
        if (Interlocked.CompareExchange(ref _state, state - Waiting + Completing, state) != state)
        {
            return false;
        }

        End(outcome);
        return true;
    }

    private void End(WaitOutcome outcome)
    {
        _outcome = outcome;
        scheduler.Schedule(this);
    }

    private PooledTask<WaitOutcome> EndAtOnce(WaitOutcome outcome)
    {
        ReleaseToken();
        return new PooledTask<WaitOutcome>(outcome);
    }

    private void ReleaseToken()
    {
        // Dispose, not Unregister: it waits for a callback that runs, so that none reaches the next wait.
        _registration.Dispose();
        _registration = default;
    }
}
