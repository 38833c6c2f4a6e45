using System.Runtime.CompilerServices;

namespace Sluice.Channels.Adapters;

/// <summary>
/// Blocks the calling thread until a wait ends. Only for the synchronous half of <see cref="Stream"/> and text views. A loop whose thread blocks
/// here continues on another thread.
/// </summary>
internal sealed class BlockedThread
{
    // For the next wait of this thread. Taken during a wait: an STA thread runs other code in it, which may wait, too.
    [ThreadStatic]
    private static BlockedThread? s_spare;

    private readonly ManualResetEventSlim _ended = new();
    private readonly Action _end;

    private BlockedThread() => _end = _ended.Set;

    /// <summary>Blocks until the wait has ended.</summary>
    /// <returns>The result of the wait.</returns>
    public static T Until<T>(ValueTask<T> wait)
    {
        ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter awaiter = wait.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            Block(awaiter);
        }

        return awaiter.GetResult();
    }

    /// <inheritdoc cref="Until{T}(ValueTask{T})"/>
    public static void Until(ValueTask wait)
    {
        ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter awaiter = wait.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            Block(awaiter);
        }

        awaiter.GetResult();
    }

    private static void Block<T>(T awaiter)
        where T : ICriticalNotifyCompletion
    {
        BlockedThread thread = s_spare ?? new BlockedThread();
        s_spare = null;
        awaiter.UnsafeOnCompleted(thread._end);
        thread.WaitForEnd();
        thread._ended.Reset();
        s_spare = thread;
    }

    // Waits to the end even if the thread is interrupted: an abandoned wait would disturb the next one. The interrupt then hits the next blocking
    // call of the thread.
    private void WaitForEnd()
    {
        bool interrupted = false;
        while (!_ended.IsSet)
        {
            try
            {
                _ended.Wait();
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        }

        if (interrupted)
        {
            Thread.CurrentThread.Interrupt();
        }
    }
}
