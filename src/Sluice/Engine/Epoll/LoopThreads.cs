using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;

namespace Sluice.Engine.Epoll;

/// <summary>
/// The threads that run loops: one a loop, one more for each that is stuck in user code, and a spare one.
/// </summary>
/// <remarks>
/// A loop is taken from a stuck thread only when another is there to run it. In .NET starting a thread takes descriptors, and the
/// moment at which there are none is the one at which a handler is likely to be stuck.
/// </remarks>
internal sealed class LoopThreads(ILogger logger)
{
    /// <summary>How many threads may be stuck in handlers before loops are no longer handed on.</summary>
    internal const int MaxStuckThreads = 256;

    private readonly Lock _lock = new();
    private LoopThread? _spare;
    private int _stuck;
    private bool _warned;
    private bool _closed;

    /// <summary>Runs <paramref name="loop"/> on a thread of its own.</summary>
    public void Start(EpollLoop loop) => new LoopThread(this).Run(loop);

    /// <summary>Sees to it that there is a spare thread, if one is to be had now.</summary>
    public void EnsureSpare()
    {
        lock (_lock)
        {
            if (_spare is null && !_closed)
            {
                _spare = TryCreate();
            }
        }
    }

    /// <summary>Takes a thread for a loop whose own is stuck; null if there is none. It goes to a loop, or to <see cref="GiveBack"/>.</summary>
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

            LoopThread? thread = _spare ?? TryCreate();
            _spare = null;
            _stuck += thread is null ? 0 : 1;
            return thread;
        }
    }

    /// <summary>The loop's own thread was not stuck after all.</summary>
    public void GiveBack(LoopThread thread)
    {
        Returned();
        if (!TryKeep(thread))
        {
            thread.Dismiss();
        }
    }

    /// <summary>A thread that was stuck has come back.</summary>
    public void Returned()
    {
        lock (_lock)
        {
            _stuck--;
        }
    }

    /// <summary>Keeps a thread that has no loop any more as the spare one. False: it is not needed, and ends.</summary>
    public bool TryKeep(LoopThread thread)
    {
        lock (_lock)
        {
            if (_spare is not null || _closed)
            {
                return false;
            }

            _spare = thread;
            return true;
        }
    }

    /// <summary>Ends the spare thread, and lets no thread become one.</summary>
    public void Close()
    {
        LoopThread? spare;
        lock (_lock)
        {
            _closed = true;
            spare = _spare;
            _spare = null;
        }

        spare?.Dismiss();
    }

    // Out of memory or of descriptors, which may be had again soon.
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
