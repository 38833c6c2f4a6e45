namespace Sluice.Connecting.Resolving;

/// <summary>
/// A queue of lookups, first come first served, and a few threads that take from it. A thread is started when there is more to do than idle threads, and
/// ends when it has had nothing to do for a while.
/// </summary>
internal sealed class LookupLane(int maxThreads, TimeSpan idleTime, Action<NameLookup> process)
{
    private readonly object _lock = new();
    private readonly LinkedList<NameLookup> _queue = [];
    private int _threads;
    private int _idle;

    /// <summary>Whether a lookup that is added now would have to wait for another one to end.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_lock)
            {
                return _threads == maxThreads && _queue.Count >= _idle;
            }
        }
    }

    /// <summary>How many threads there are.</summary>
    public int ThreadCount
    {
        get
        {
            lock (_lock)
            {
                return _threads;
            }
        }
    }

    /// <summary>How many lookups wait for a thread.</summary>
    public int QueueLength
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Adds a lookup. False: there is no thread, and none can be started.</summary>
    public bool TryAdd(NameLookup lookup)
    {
        lock (_lock)
        {
            _queue.AddLast(lookup.Node);
            if (_queue.Count <= _idle)
            {
                Monitor.Pulse(_lock);
            }
            else if (_threads < maxThreads && !TryStartThread() && _threads == 0)
            {
                _queue.Remove(lookup.Node);
                return false;
            }

            return true;
        }
    }

    /// <summary>Takes out a lookup that no thread has taken. False: one has.</summary>
    public bool TryRemove(NameLookup lookup)
    {
        lock (_lock)
        {
            if (lookup.Node.List != _queue)
            {
                return false;
            }

            _queue.Remove(lookup.Node);
            return true;
        }
    }

    private bool TryStartThread()
    {
        try
        {
            // Unsafe: the execution context of the caller is not that of every lookup.
            new Thread(Run) { IsBackground = true, Name = "Sluice names" }.UnsafeStart();
            _threads++;
            return true;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return false;
        }
    }

    private void Run()
    {
        while (TakeNext() is { } lookup)
        {
            process(lookup);
        }
    }

    // Null: nothing came for a while, and the thread no longer counts.
    private NameLookup? TakeNext()
    {
        lock (_lock)
        {
            while (_queue.First is null)
            {
                _idle++;
                bool signalled = Monitor.Wait(_lock, idleTime);
                _idle--;
                if (!signalled && _queue.First is null)
                {
                    _threads--;
                    return null;
                }
            }

            NameLookup next = _queue.First.Value;
            _queue.RemoveFirst();
            return next;
        }
    }
}
