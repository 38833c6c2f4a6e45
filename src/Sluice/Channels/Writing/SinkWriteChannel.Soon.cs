using System.Runtime.CompilerServices;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

/// <summary>What a view needs whose flushes need not wait for the kernel.</summary>
internal sealed partial class SinkWriteChannel
{
    private Later? _sendLater;

    /// <summary>
    /// Sees to it that what is written leaves: at the end of the turn, or at once if that is more than <paramref name="most"/> or there is no
    /// turn.
    /// </summary>
    /// <returns>False if more than that still waits.</returns>
    internal bool TryFlushSoon(long most)
    {
        long waiting = _queue.ScheduleFlush(out bool send);
        if (waiting > most)
        {
            _queue.Send(flushScheduled: send);
            LoopTurn.ConsumeBudget();
            return _queue.Length <= most && !LoopTurn.IsBudgetSpent;
        }

        if (send && !LoopTurn.TryDefer(this))
        {
            // Who flushes on a pool thread is often one of several, and about to flush again: behind what the pool has to do, all that comes
            // together, and the loop, which has no part in it, is not woken.
            ThreadPool.UnsafeQueueUserWorkItem(_sendLater ??= new Later(this), preferLocal: false);
        }

        return true;
    }

    /// <summary>After <see cref="TryFlushSoon"/> said false: waits until no more than that is left to send.</summary>
    /// <returns>False if <see cref="CancelFlush"/> ended it.</returns>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<bool> WaitSentButAsync(long most, CancellationToken cancellationToken)
    {
        Begin();
        try
        {
            return await ReachAsync(_queue.Written - most, interruptible: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            End();
        }
    }

    internal override bool TakeFlushCanceled() => Volatile.Read(ref _flushCanceled) != 0 && Interlocked.Exchange(ref _flushCanceled, 0) != 0;

    private sealed class Later(SinkWriteChannel channel) : IThreadPoolWorkItem
    {
        public void Execute() => channel.SendScheduled();
    }
}
