using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;

namespace Sluice.Engine.Epoll;

/// <summary>
/// Starts the threads that run loops: one a loop, and one more for each that is stuck in user code. A thread ends with its part in a loop.
/// </summary>
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

    /// <summary>
    /// Runs <paramref name="loop"/> on a new thread, because the one it had is stuck. False if there is none to be had now.
    /// </summary>
    public bool TryReplace(EpollLoop loop)
    {
        Interlocked.Increment(ref _stuck);
        try
        {
            Start(loop);
            return true;
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            // A thread takes memory and, in .NET, descriptors; out of either, it may be had again soon.
            Interlocked.Decrement(ref _stuck);
            return false;
        }
    }

    /// <summary>A thread that was stuck has come back.</summary>
    public void Returned() => Interlocked.Decrement(ref _stuck);
}
