using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;

namespace Sluice.Engine.Epoll;

/// <summary>
/// The threads that run loops: one for each loop, one more for each thread that is stuck in user code, and spare ones.
/// </summary>
/// <remarks>
/// A loop is taken from a stuck thread only when another thread is there to run it. A spare one exists beforehand, because .NET needs
/// descriptors to start a thread, and handlers are likely to be stuck when there are none. A few threads are kept when they are no longer
/// stuck: on a machine that is too busy, loops change threads often, and a thread that ends leaves its allocation buffer as garbage.
/// </remarks>
internal sealed class LoopThreads(ILogger logger)
{
    /// <summary>How many threads may be stuck in handlers before loops are no longer handed on.</summary>
    internal const int MaxStuckThreads = 256;

    /// <summary>How many threads without a loop are kept.</summary>
    internal const int MaxSpareThreads = 4;

    private readonly Lock _lock = new();

    // Under _lock, all of them.
    private readonly Stack<LoopThread> _spares = new(MaxSpareThreads);
    private int _stuck;
    private bool _warned;
    private bool _closed;

    /// <summary>Runs <paramref name="loop"/> on a thread of its own.</summary>
    public void Start(EpollLoop loop) => new LoopThread(this).Run(loop);

    /// <summary>Starts a spare thread if there is none and the system has the resources.</summary>
    public void EnsureSpare()
    {
        lock (_lock)
        {
            if (_spares.Count == 0 && !_closed && TryCreate() is { } thread)
            {
                _spares.Push(thread);
            }
        }
    }

    /// <summary>
    /// Takes a thread for a loop whose thread is stuck; null if there is none. The caller runs the loop on it, or calls <see cref="Return"/>.
    /// </summary>
    public LoopThread? TryTake()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return null;
            }

            if (_stuck >= MaxStuckThreads)
            {
                if (!_warned)
                {
                    _warned = true;
                    logger.TooManyStuckThreads(MaxStuckThreads);
                }

                return null;
            }

            LoopThread? thread = _spares.TryPop(out LoopThread? spare) ? spare : TryCreate();
            _stuck += thread is null ? 0 : 1;
            return thread;
        }
    }

    /// <summary>Returns a thread that <see cref="TryTake"/> gave: the loop's own thread was not stuck any more.</summary>
    public void Return(LoopThread thread)
    {
        OnUnstuck();
        if (!TryKeep(thread))
        {
            thread.Dismiss();
        }
    }

    /// <summary>Counts a thread that is no longer stuck.</summary>
    public void OnUnstuck()
    {
        lock (_lock)
        {
            _stuck--;
        }
    }

    /// <summary>Keeps a thread without a loop as a spare one. False if there are enough, and it has to end.</summary>
    public bool TryKeep(LoopThread thread)
    {
        lock (_lock)
        {
            if (_spares.Count == MaxSpareThreads || _closed)
            {
                return false;
            }

            _spares.Push(thread);
            return true;
        }
    }

    /// <summary>Ends the spare threads, and keeps none from now on.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
        }

        // Nothing is added any more.
        foreach (LoopThread spare in _spares)
        {
            spare.Dismiss();
        }
    }

    // Null if memory or descriptors are short, which may pass.
    private LoopThread? TryCreate()
    {
        try
        {
            return new LoopThread(this);
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            return null;
        }
    }
}
