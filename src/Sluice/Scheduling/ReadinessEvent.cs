using System.Threading.Tasks.Sources;

namespace Sluice.Scheduling;

/// <summary>
/// Where one caller at a time waits until something may be tried again: data to receive, room to send, a connection to accept.
/// Remembers a signal that came while nobody waited, and allocates nothing per wait.
/// </summary>
/// <remarks>
/// One word decides every race between a signal, a cancellation, a timeout and a close: whoever moves it away from
/// <see cref="Waiting"/> completes the wait, on the scheduler and never in its own stack frames (completing inside
/// <see cref="CancellationTokenSource.Cancel()"/> runs user code under the canceller's locks). The word carries a number that grows
/// with every wait, so that a late decision about one wait cannot hit the next.
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
    private WaitOutcome _outcome;
    private ManualResetValueTaskSourceCore<WaitOutcome> _core;
    private CancellationToken _token;
    private CancellationTokenRegistration _registration;
    private InactivitySweep? _sweep;
    private long _timeout = long.MaxValue;

    // The wait that the sweep last saw, and when it first saw it.
    private int _seen;

    // When the wait began, by the low bits of the system's milliseconds: for whoever asks what everybody waits for.
    private int _since;
    private long _seenAt;

    public bool IsClosed => (Volatile.Read(ref _state) & ClosedBit) != 0;

    /// <summary>How long the wait in progress has lasted; null if nobody waits.</summary>
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

    /// <summary>Consumes the signal, if there is one. The next try is then due only after another.</summary>
    public bool TryConsume()
    {
        int state = Volatile.Read(ref _state);
        return (state & (PhaseMask | ClosedBit)) == Ready && Interlocked.CompareExchange(ref _state, state - Ready + Idle, state) == state;
    }

    /// <summary>Waits for a signal, without consuming it. Only one wait at a time: the owner sees to that.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<WaitOutcome> WaitAsync(CancellationToken cancellationToken)
    {
        bool yield = LoopTurn.IsBudgetSpent;
        _core.Reset();
        _token = cancellationToken;
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

            _since = Environment.TickCount;
            if (Interlocked.CompareExchange(ref _state, (state & ~PhaseMask) + WaitIncrement + Waiting, state) != state)
            {
                continue;
            }

            if (ready)
            {
                Set();
            }

            // The token may have been cancelled between registering and parking, and its callback found nobody waiting.
            if (cancellationToken.IsCancellationRequested)
            {
                Complete(WaitOutcome.Canceled);
            }

            return new ValueTask<WaitOutcome>(this, _core.Version);
        }
    }

    /// <summary>Says that trying may succeed now. Kept for the next wait if nobody waits.</summary>
    public void Set()
    {
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
                return;
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

    /// <summary>Ends waits that last longer than <paramref name="timeout"/>; <see cref="Timeout.InfiniteTimeSpan"/> for none.</summary>
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

    /// <summary>Says that there was progress, though not enough to end the wait.</summary>
    public void ReportProgress() => Volatile.Write(ref _seen, Idle);

    /// <summary>Called by the sweep: ends the wait if it has lasted too long.</summary>
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
        CancellationToken cancellationToken = _token;
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

    private ValueTask<WaitOutcome> EndAtOnce(WaitOutcome outcome)
    {
        ReleaseToken();
        return new ValueTask<WaitOutcome>(outcome);
    }

    private void ReleaseToken()
    {
        // Dispose, not Unregister: once it returns, no late callback of this wait can run into the next one.
        _registration.Dispose();
        _registration = default;
        _token = default;
    }
}
