using System.Diagnostics;

namespace Sluice.Scheduling;

/// <summary>
/// Watches for turns that stay inside the same piece of user code for too long and takes them away: the loop's role goes to
/// another thread, and what the stuck code has written so far goes out.
/// </summary>
/// <remarks>
/// A thread of its own, because a busy thread pool is one of the reasons for handlers to be stuck. It sleeps while nothing runs:
/// whoever is about to run user code calls <see cref="EnsureAwake"/>, which costs one read while the monitor is awake.
/// </remarks>
internal sealed class HandoffMonitor : IDisposable
{
    // So many looks in a row that found nothing running before the monitor goes to sleep.
    private const int QuietLooksBeforeSleep = 4;

    // A look costs the loop two context switches where they share a processor. While nothing is ever stuck, few are enough; a handler that
    // has blocked once will again.
    private static readonly TimeSpan s_relaxedInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_shortestInterval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_alertDuration = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _wake = new(initialState: false, spinCount: 0);
    private readonly List<ITurnSource> _sources = [];
    private readonly List<(ITurnSource Source, LoopTurn Turn, long State, long Since)> _seen = [];
    private readonly List<(ITurnSource Source, LoopTurn Turn, long State, long Since)> _before = [];
    private readonly List<LoopTurn> _turns = [];
    private readonly TimeSpan _handoffAfter;
    private readonly Thread _thread;
    private long _takenAt;
    private int _asleep;
    private volatile bool _disposed;

    public HandoffMonitor(TimeSpan handoffAfter)
    {
        _handoffAfter = handoffAfter;
        _thread = new Thread(Run) { IsBackground = true, Name = "Sluice monitor" };
        _thread.UnsafeStart();
    }

    public void Watch(ITurnSource source)
    {
        lock (_lock)
        {
            _sources.Add(source);
        }
    }

    public void Unwatch(ITurnSource source)
    {
        lock (_lock)
        {
            _sources.Remove(source);
        }
    }

    /// <summary>To be called between a full fence after entering user code and the user code itself.</summary>
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
        TimeSpan relaxed = Longer(_handoffAfter / 2, s_relaxedInterval);
        int quiet = 0;
        while (!_disposed)
        {
            quiet = Look() ? 0 : quiet + 1;
            if (quiet < QuietLooksBeforeSleep)
            {
                if (_wake.Wait(_takenAt != 0 && Stopwatch.GetElapsedTime(_takenAt) < s_alertDuration ? alert : relaxed))
                {
                    // Set late, by a thread that found the monitor asleep just before it woke by itself: left set, it would keep each wait from waiting.
                    _wake.Reset();
                }

                continue;
            }

            _wake.Reset();
            Interlocked.Exchange(ref _asleep, 1);
            if (_disposed || Look())
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

    // True if anything is inside user code, or may be soon.
    private bool Look()
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

        return running || _seen.Count > 0;
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
