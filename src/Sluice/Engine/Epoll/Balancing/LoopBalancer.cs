using System.Diagnostics;

namespace Sluice.Engine.Epoll.Balancing;

/// <summary>
/// Lets the number of loops that serve connections follow the work. Connections gather on few loops, because one full batch of events costs
/// less than two half-empty ones. They spread when a loop is saturated and spreading gets more work done, and gather again when fewer
/// loops do as well.
/// </summary>
/// <remarks>
/// <para>No figure of the system says whether another processor is free for this process (other processes, quotas, hardware threads), so
/// each change is a trial: the balancer counts continuations before and after it, undoes a change that does not pay, and waits twice as long
/// before it tries the next one.</para>
/// <para>The monitor calls <see cref="Look"/> while anything runs. It alone changes the fields here. Loops carry out what is decided, between
/// their turns.</para>
/// </remarks>
internal sealed class LoopBalancer
{
    private static readonly long s_window = Ticks(0.010);
    private static readonly long s_settle = Ticks(0.015);
    private static readonly long s_trial = Ticks(0.055);
    private static readonly long s_pause = Ticks(0.040);
    private static readonly long s_forgotten = Ticks(1);

    private readonly LoopLoad[] _loads;
    private readonly TrialBackoff _spreading = new(Ticks(0.2), Ticks(10));
    private readonly TrialBackoff _gathering = new(Ticks(0.5), Ticks(30));
    private int[] _active = [0];
    private long _lookedAt;
    private long _pausedUntil;
    private int _lightWindows;
    private double _rate;
    private Trial? _trial;

    public LoopBalancer(EpollLoop[] loops) => _loads = [.. loops.Select(loop => new LoopLoad(loop))];

    /// <summary>The loops that serve connections now. Any thread may read it.</summary>
    public ReadOnlySpan<int> Active => Volatile.Read(ref _active);

    public void Look(long now)
    {
        long elapsed = now - _lookedAt;
        if (elapsed < s_window)
        {
            return;
        }

        _lookedAt = now;
        double rate = 0;
        foreach (LoopLoad load in _loads)
        {
            rate += load.Measure(now, elapsed);
        }

        if (elapsed > s_forgotten)
        {
            // The monitor slept, so nothing ran: what was measured over that time says nothing.
            Forget();
            return;
        }

        _rate = _rate == 0 ? rate : (0.7 * _rate) + (0.3 * rate);
        if (_trial is { } trial)
        {
            Continue(trial, now);
        }
        else if (now >= _pausedUntil)
        {
            Decide(now);
        }
    }

    private void Forget()
    {
        _rate = 0;
        _lightWindows = 0;
        if (_trial is { } trial)
        {
            _trial = null;
            Undo(trial);
        }
    }

    private void Decide(long now)
    {
        StopMoves();
        int[] active = _active;
        (int hot, int cool, double busy, double contention) = Survey(active);
        if (_loads[hot].IsSaturated)
        {
            _lightWindows = 0;
            if (_loads[cool].Busy < 0.6 * _loads[hot].Busy)
            {
                Even(hot, cool, now);
                return;
            }

            if (active.Length < _loads.Length && _spreading.IsDue(now))
            {
                Spread(now);
                return;
            }
        }
        else if (active.Length > 1 && IsLight(active, busy))
        {
            GatherOne(now);
            return;
        }

        if (active.Length > 1 && _gathering.IsDue(now) && contention > 0.15 * active.Length)
        {
            Begin(new Trial(IsSpread: false, _rate, now, active, [.. active[..((active.Length + 1) / 2)]]));
        }
    }

    // The busiest and the least busy of the active loops, and the sums over all of them. Allocates nothing: the balancer looks a hundred times a second.
    private (int Hot, int Cool, double Busy, double Contention) Survey(int[] active)
    {
        int hot = active[0];
        int cool = active[0];
        double busy = 0;
        double contention = 0;
        foreach (int number in active)
        {
            LoopLoad load = _loads[number];
            hot = load.Busy > _loads[hot].Busy ? number : hot;
            cool = load.Busy < _loads[cool].Busy ? number : cool;
            busy += load.Busy;
            contention += load.Contention;
        }

        return (hot, cool, busy, contention);
    }

    // Whether one loop fewer would have had room for all of it for a tenth of a second.
    private bool IsLight(int[] active, double busy)
    {
        _lightWindows = busy < 0.7 * (active.Length - 1) ? _lightWindows + 1 : 0;
        return _lightWindows >= 10;
    }

    private void Spread(long now)
    {
        int[] active = _active;
        IEnumerable<int> idle = Enumerable.Range(0, _loads.Length).Except(active).Take(active.Length);
        Begin(new Trial(IsSpread: true, _rate, now, active, [.. active, .. idle]));
    }

    // One loop's connections go to the least busy of the others. Loop 0 stays: listeners and connections that were never moved are there.
    private void GatherOne(long now)
    {
        int[] active = _active;
        int leaving = active.Where(number => number != 0).MinBy(number => _loads[number].Busy);
        int[] left = [.. active.Where(number => number != leaving)];
        Apply(active, left);
        _lightWindows = 0;
        _pausedUntil = now + s_pause;
    }

    private void Even(int hot, int cool, long now)
    {
        double share = (_loads[hot].Busy - _loads[cool].Busy) / (2 * _loads[hot].Busy);
        _loads[hot].Loop.SetOrder(new MoveOrder(_loads[cool].Loop, share));
        _pausedUntil = now + s_pause;
    }

    private void Begin(Trial trial)
    {
        _trial = trial;
        Apply(trial.Before, trial.After);
    }

    private void Continue(Trial trial, long now)
    {
        if (!trial.IsMeasuring)
        {
            if (now - trial.Began >= s_settle)
            {
                StopMoves();
                trial.IsMeasuring = true;
                trial.Mark(now, Continuations());
            }

            return;
        }

        if (now - trial.Began < s_trial)
        {
            return;
        }

        _trial = null;
        _pausedUntil = now + s_pause;
        double rate = trial.Rate(now, Continuations());
        bool pays = rate >= trial.RateBefore * (trial.IsSpread ? 1.1 : 0.97);
        (trial.IsSpread ? _spreading : _gathering).Record(pays, now);
        if (!pays)
        {
            Undo(trial);
        }
        else if (!trial.IsSpread)
        {
            // What has just been found not to pay is not tried again at once.
            _spreading.Record(paid: false, now);
        }

        _rate = 0;
    }

    private void Undo(Trial trial) => Apply(trial.After, trial.Before);

    private long Continuations() => _loads.Sum(load => load.Loop.Continuations);

    private void StopMoves()
    {
        foreach (int number in _active)
        {
            _loads[number].Loop.SetOrder(null);
        }
    }

    // New loops take half of an old one's busy connections each; loops that leave send everything away, also what has its next event much later.
    private void Apply(int[] before, int[] after)
    {
        int[] joining = [.. after.Except(before)];
        int[] leaving = [.. before.Except(after)];
        int[] staying = [.. after.Intersect(before)];
        for (int i = 0; i < joining.Length; i++)
        {
            _loads[joining[i]].Loop.SetOrder(null);
            _loads[staying[i % staying.Length]].Loop.SetOrder(new MoveOrder(_loads[joining[i]].Loop, 0.5));
        }

        for (int i = 0; i < leaving.Length; i++)
        {
            _loads[leaving[i]].Loop.SetOrder(new MoveOrder(_loads[staying[i % staying.Length]].Loop, 1));
        }

        Volatile.Write(ref _active, after);
    }

    private static long Ticks(double seconds) => (long)(seconds * Stopwatch.Frequency);

    private sealed record Trial(bool IsSpread, double RateBefore, long Began, int[] Before, int[] After)
    {
        private long _markedAt;
        private long _continuations;

        public bool IsMeasuring { get; set; }

        public void Mark(long now, long continuations) => (_markedAt, _continuations) = (now, continuations);

        public double Rate(long now, long continuations) => (continuations - _continuations) / (double)Math.Max(1, now - _markedAt);
    }
}
