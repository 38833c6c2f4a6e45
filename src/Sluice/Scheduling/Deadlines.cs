namespace Sluice.Scheduling;

/// <summary>
/// Ends what takes too long, with one timer for all of it: something that ends in time costs two passages through a lock, and allocates
/// nothing. Never early, and late by <see cref="s_grain"/> at most when many end at nearly the same time.
/// </summary>
internal sealed class Deadlines(TimeProvider timeProvider) : IDisposable
{
    private static readonly TimeSpan s_grain = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly long _grain = (long)(s_grain.TotalSeconds * timeProvider.TimestampFrequency);
    private Entry? _first;
    private ITimer? _timer;
    private long _armedFor = long.MaxValue;
    private bool _disposed;

    /// <summary>Calls <see cref="Entry.Expire"/> after that time, unless the entry is removed before.</summary>
    public void Add(Entry entry, TimeSpan time)
    {
        long now = timeProvider.GetTimestamp();
        entry.Due = now + (long)(time.TotalSeconds * timeProvider.TimestampFrequency);
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            entry.IsListed = true;
            entry.Next = _first;
            if (_first is not null)
            {
                _first.Previous = entry;
            }

            _first = entry;
            if (entry.Due < _armedFor)
            {
                Arm(entry.Due, now);
            }
        }
    }

    /// <summary>The timer stays armed: the next entry is likely to come before it rings.</summary>
    public void Remove(Entry entry)
    {
        lock (_lock)
        {
            Unlink(entry);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void Ring()
    {
        var expired = new List<Entry>();
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            long now = timeProvider.GetTimestamp();
            long earliest = long.MaxValue;
            for (Entry? entry = _first; entry is not null; entry = entry.Next)
            {
                if (entry.Due <= now)
                {
                    expired.Add(entry);
                }
                else
                {
                    earliest = Math.Min(earliest, entry.Due);
                }
            }

            expired.ForEach(Unlink);
            _armedFor = long.MaxValue;
            if (earliest != long.MaxValue)
            {
                Arm(Math.Max(earliest, now + _grain), now);
            }
        }

        foreach (Entry entry in expired)
        {
            entry.Expire();
        }
    }

    private void Arm(long due, long now)
    {
        _armedFor = due;
        _timer ??= CreateTimer();
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling((due - now) * 1000.0 / timeProvider.TimestampFrequency)), Timeout.InfiniteTimeSpan);
    }

    // The timer is everybody's, and must not keep the execution context of whoever came first.
    private ITimer CreateTimer()
    {
        bool restore = !ExecutionContext.IsFlowSuppressed();
        if (restore)
        {
            ExecutionContext.SuppressFlow();
        }

        try
        {
            return timeProvider.CreateTimer(static deadlines => ((Deadlines)deadlines!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        finally
        {
            if (restore)
            {
                ExecutionContext.RestoreFlow();
            }
        }
    }

    private void Unlink(Entry entry)
    {
        if (!entry.IsListed)
        {
            return;
        }

        entry.IsListed = false;
        if (entry.Previous is { } previous)
        {
            previous.Next = entry.Next;
        }
        else
        {
            _first = entry.Next;
        }

        if (entry.Next is { } next)
        {
            next.Previous = entry.Previous;
        }

        entry.Previous = null;
        entry.Next = null;
    }

    /// <summary>What has a deadline. Its links are the list's alone.</summary>
    internal abstract class Entry
    {
        internal long Due { get; set; }

        internal bool IsListed { get; set; }

        internal Entry? Previous { get; set; }

        internal Entry? Next { get; set; }

        /// <summary>The time has passed.</summary>
        public abstract void Expire();
    }
}
