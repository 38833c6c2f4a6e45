namespace Sluice.Scheduling;

/// <summary>
/// Ends what takes too long, with one timer for all of it: something that ends in time costs two passages through a lock, and allocates
/// nothing. Never early, and late by <see cref="s_grain"/> at most when many end at nearly the same time.
/// </summary>
internal sealed class Deadlines : IDisposable
{
    private static readonly TimeSpan s_grain = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly TimeProvider _timeProvider;
    private readonly SharedTimer _timer;
    private readonly long _grain;
    private Entry? _first;
    private long _armedFor = long.MaxValue;
    private bool _disposed;

    public Deadlines(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _timer = new SharedTimer(timeProvider, Wanted, OnTimer);
        _grain = (long)(s_grain.TotalSeconds * timeProvider.TimestampFrequency);
    }

    /// <summary>Calls <see cref="Entry.Expire"/> after that time, unless the entry is removed before.</summary>
    public void Add(Entry entry, TimeSpan time)
    {
        entry.Due = _timeProvider.GetTimestamp() + (long)(time.TotalSeconds * _timeProvider.TimestampFrequency);
        bool isEarliest;
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
            isEarliest = entry.Due < _armedFor;
            if (isEarliest)
            {
                _armedFor = entry.Due;
            }
        }

        if (isEarliest)
        {
            _timer.Update();
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
        }

        _timer.Update();
    }

    private void OnTimer()
    {
        var expired = new List<Entry>();
        long now = _timeProvider.GetTimestamp();
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

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
            _armedFor = earliest == long.MaxValue ? long.MaxValue : Math.Max(earliest, now + _grain);
        }

        _timer.Update();
        foreach (Entry entry in expired)
        {
            entry.Expire();
        }
    }

    private (TimeSpan Due, TimeSpan Period)? Wanted()
    {
        long due;
        lock (_lock)
        {
            if (_disposed)
            {
                return null;
            }

            due = _armedFor;
        }

        return due == long.MaxValue
            ? (Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan)
            : (After(due - _timeProvider.GetTimestamp()), Timeout.InfiniteTimeSpan);
    }

    private TimeSpan After(long ticks) => TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(ticks, 0) * 1000.0 / _timeProvider.TimestampFrequency));

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
