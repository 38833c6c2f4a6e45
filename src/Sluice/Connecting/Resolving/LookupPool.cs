namespace Sluice.Connecting.Resolving;

/// <summary>
/// Runs lookups on a few threads, in order. A thread is started when more lookups wait than threads are idle, and ends when it has been idle for a while.
/// </summary>
internal sealed class LookupPool(int maxThreads, TimeSpan idleTime, Action<NameLookup> process)
{
    // Guards the fields below. A monitor, because idle threads wait on it.
    private readonly object _lock = new();
    private readonly LinkedList<NameLookup> _queue = [];
    private int _threads;
    private int _idle;

    /// <summary>Gets whether a lookup that is added now would have to wait for another one.</summary>
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

    /// <summary>Gets the number of threads.</summary>
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

    /// <summary>Gets the number of lookups that wait for a thread.</summary>
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

    /// <summary>Adds a lookup. False if there is no thread, and none can be started.</summary>
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

    /// <summary>Removes a lookup that no thread has taken. False if a thread has taken it.</summary>
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
            // Unsafe: the execution context of the caller must not flow to every lookup.
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

    // Null if the thread was idle for the idle time. It is no longer counted then.
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
