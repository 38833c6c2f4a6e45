namespace Sluice.Scheduling;

/// <summary>
/// Expires entries at their deadlines, with one timer for all of them. An entry that is removed in time takes the lock twice and allocates
/// nothing. No entry expires early, and none more than <see cref="s_resolution"/> late.
/// </summary>
internal sealed class Deadlines : IDisposable
{
    private static readonly TimeSpan s_resolution = TimeSpan.FromMilliseconds(10);

    private readonly Lock _lock = new();
    private readonly TimeProvider _timeProvider;
    private readonly SharedTimer _timer;
    private readonly long _resolution;

    // Under _lock, these three and each entry's links.
    private readonly IntrusiveList<Entry> _entries = new();
    private long _armedFor = long.MaxValue;
    private bool _disposed;

    public Deadlines(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _timer = new SharedTimer(timeProvider, GetSchedule, OnTimer);
        _resolution = (long)(s_resolution.TotalSeconds * timeProvider.TimestampFrequency);
    }

    /// <summary>Gets the number of entries that have not expired.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _entries.Count;
            }
        }
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

            _entries.Add(entry);
            isEarliest = entry.Due < _armedFor;
            if (isEarliest)
            {
                _armedFor = entry.Due;
            }
        }

        if (isEarliest)
        {
            _timer.UpdateOrLater();
        }
    }

    /// <summary>Removes an entry, if it has not expired. The timer stays armed: the next entry is likely to be added before it fires.</summary>
    public void Remove(Entry entry)
    {
        lock (_lock)
        {
            _entries.Remove(entry);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
        }

        _timer.UpdateOrLater();
    }

    private void OnTimer()
    {
        var expired = new List<Entry>();
        long now;
        try
        {
            now = _timeProvider.GetTimestamp();
        }
        catch (Exception)
        {
            // Of a clock of the user's, on the timer's thread, where an exception may end the process. The timer has fired, and no other would come.
            _timer.UpdateLater();
            return;
        }

        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            long earliest = long.MaxValue;
            for (Entry? entry = _entries.First; entry is not null; entry = entry.Next)
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

            expired.ForEach(entry => _entries.Remove(entry));
            _armedFor = earliest == long.MaxValue ? long.MaxValue : Math.Max(earliest, now + _resolution);
        }

        _timer.UpdateOrLater();
        foreach (Entry entry in expired)
        {
            entry.Expire();
        }
    }

    private (TimeSpan Due, TimeSpan Period)? GetSchedule()
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

        return SharedTimer.OnceAt(due, _timeProvider);
    }

    /// <summary>What has a deadline.</summary>
    internal abstract class Entry : LinkedNode<Entry>
    {
        /// <summary>The timestamp of the deadline. Set before the entry is added.</summary>
        internal long Due { get; set; }

        /// <summary>Called, on the timer's thread, once the deadline has passed.</summary>
        public abstract void Expire();
    }
}
