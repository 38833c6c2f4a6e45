using System.Diagnostics;

namespace Sluice.Scheduling;

/// <summary>
/// Takes over turns that have been inside the same piece of user code for too long: another thread goes on with the loop, and the bytes
/// that the stuck code has written are sent.
/// </summary>
/// <remarks>
/// It has a thread of its own, because a busy thread pool is one of the reasons for handlers to be stuck. The thread sleeps while no turn
/// runs: a scheduler calls <see cref="EnsureAwake"/> before it runs user code, which costs one read while the monitor is awake.
/// </remarks>
internal sealed class HandoffMonitor : IDisposable
{
    // How many scans in a row find nothing running before the monitor sleeps.
    private const int QuietScansBeforeSleep = 4;

    // A scan costs the loop two context switches where both share a processor. The relaxed interval applies while no handler is stuck. A handler
    // that has blocked once is likely to block again, so a take-over shortens the interval for s_alertDuration.
    private static readonly TimeSpan s_relaxedInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_alertDuration = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();

    // Under _lock.
    private readonly List<ITurnSource> _sources = [];

    // Of the monitor's own thread, these three, and _takenAt.
    private readonly List<(ITurnSource Source, LoopTurn Turn, long State, long Since)> _seen = [];
    private readonly List<(ITurnSource Source, LoopTurn Turn, long State, long Since)> _before = [];
    private readonly List<LoopTurn> _turns = [];
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);
    private readonly TimeSpan _handoffAfter;
    private readonly Action<long>? _onLook;
    private readonly Thread _thread;
    private long _takenAt;

    // 1 while the monitor sleeps. The thread that exchanges it for 0 wakes the monitor.
    private int _asleep;
    private volatile bool _disposed;

    /// <param name="handoffAfter">How long a turn may stay in user code; <see cref="Timeout.InfiniteTimeSpan"/> for as long as it takes.</param>
    /// <param name="onLook">Called with the time, in ticks of the stopwatch, at each look while anything runs; null for nothing.</param>
    public HandoffMonitor(TimeSpan handoffAfter, Action<long>? onLook = null)
    {
        _handoffAfter = handoffAfter == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(1000) : handoffAfter;
        _onLook = onLook;
        _thread = new Thread(Run) { IsBackground = true, Name = "Sluice monitor" };
        _thread.UnsafeStart();
    }

    public void Watch(ITurnSource source)
    {
        lock (_lock)
        {
            _sources.Add(source);
        }

        // A loop calls EnsureAwake when it has slept. One that has events from the start runs user code before it ever sleeps.
        EnsureAwake();
    }

    public void Unwatch(ITurnSource source)
    {
        lock (_lock)
        {
            _sources.Remove(source);
        }
    }

    /// <summary>
    /// Wakes the monitor if it sleeps. A scheduler calls it after it has marked its turn as inside user code, with a full fence in between, and
    /// before it runs that code.
    /// </summary>
    public void EnsureAwake()
    {
        if (Volatile.Read(ref _asleep) != 0 && Interlocked.Exchange(ref _asleep, 0) != 0)
        {
            _wake.Set();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private void Run()
    {
        TimeSpan alert = Longer(_handoffAfter / 3, s_shortestInterval);
        TimeSpan relaxed = _onLook is null ? Longer(_handoffAfter / 2, s_relaxedInterval) : s_relaxedInterval;
        int quiet = 0;
        while (!_disposed)
        {
            quiet = Scan() ? 0 : quiet + 1;
            if (quiet < QuietScansBeforeSleep)
            {
                if (_wake.Wait(_takenAt != 0 && Stopwatch.GetElapsedTime(_takenAt) < s_alertDuration ? alert : relaxed))
                {
                    // A thread that found the monitor asleep just before it woke by itself has set the event late. Left set, it would end each wait
                    // at once.
                    _wake.Reset();
                }

                continue;
            }

            _wake.Reset();
            Interlocked.Exchange(ref _asleep, 1);
            if (_disposed || Scan())
            {
                Interlocked.Exchange(ref _asleep, 0);
            }
            else
            {
                _wake.Wait();
            }

            _wake.Reset();
            quiet = 0;
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // True if a turn is inside user code, or a source may enter it without a call to EnsureAwake.
    private bool Scan()
    {
        bool running = false;
        long now = Stopwatch.GetTimestamp();
        _before.Clear();
        _before.AddRange(_seen);
        _seen.Clear();
        lock (_lock)
        {
            foreach (ITurnSource source in _sources)
            {
                running |= source.IsRunning;
                _turns.Clear();
                source.CollectTurns(_turns);
                foreach (LoopTurn turn in _turns)
                {
                    long state = turn.State;
                    if ((state & 1) != 0)
                    {
                        _seen.Add((source, turn, state, FirstSeen(turn, state, now)));
                    }
                }
            }
        }

        foreach ((ITurnSource source, LoopTurn turn, long state, long since) in _seen)
        {
            if (Stopwatch.GetElapsedTime(since, now) >= _handoffAfter && source.TryTakeOver(turn, state))
            {
                _takenAt = now;
            }
        }

        bool runs = running || _seen.Count > 0;
        if (runs)
        {
            _onLook?.Invoke(now);
        }

        return runs;
    }

    private long FirstSeen(LoopTurn turn, long state, long now)
    {
        foreach ((_, LoopTurn seen, long seenState, long since) in _before)
        {
            if (ReferenceEquals(seen, turn) && seenState == state)
            {
                return since;
            }
        }

        return now;
    }
}
