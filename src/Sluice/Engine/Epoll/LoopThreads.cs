using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;

namespace Sluice.Engine.Epoll;

/// <summary>Starts the threads that run loops: one a loop, and one more for each that is stuck in user code. A thread ends with its part in a loop.</summary>
internal sealed class LoopThreads(ILogger logger)
{
    /// <summary>How many threads may be stuck in handlers before loops are no longer handed on.</summary>
    internal const int MaxStuckThreads = 256;

    private int _stuck;
    private bool _warned;

    /// <summary>Whether another thread may be had for a loop whose thread is stuck. Asked by the monitor alone.</summary>
    public bool MayReplace
    {
        get
        {
            if (Volatile.Read(ref _stuck) < MaxStuckThreads)
            {
                return true;
            }

            if (!_warned)
            {
                _warned = true;
                logger.TooManyStuckThreads(MaxStuckThreads);
            }

            return false;
        }
    }

    /// <summary>Runs <paramref name="loop"/> on a new thread.</summary>
    public static void Start(EpollLoop loop) => new Thread(loop.Run) { IsBackground = true, Name = "Sluice loop" }.UnsafeStart();

    /// <summary>Runs <paramref name="loop"/> on a new thread, because the one it had is stuck.</summary>
    public void Replace(EpollLoop loop)
    {
        Interlocked.Increment(ref _stuck);
        Start(loop);
    }

    /// <summary>A thread that was stuck has come back.</summary>
    public void Returned() => Interlocked.Decrement(ref _stuck);
}
