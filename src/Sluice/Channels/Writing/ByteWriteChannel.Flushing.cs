using System.Runtime.CompilerServices;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    // 1 after a CancelFlush that no flush has seen yet. Interlocked: any thread may cancel.
    private int _flushCanceled;

    /// <summary>Sends what is written. Completes when the kernel has taken every byte.</summary>
    /// <param name="cancellationToken">Cancels the wait. The bytes stay on their way.</param>
    /// <exception cref="InvalidOperationException">A write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => SendAllAsync(complete: false, cancellationToken);

    /// <summary>Flushes as <see cref="FlushAsync"/> does; false if <see cref="CancelFlush"/> ended the wait.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    internal async ValueTask<bool> TryFlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Begin();
        try
        {
            ThrowIfClosed();
            _queue.EndPipeWrite();
            _queue.Send();
            LoopTurn.ConsumeBudget();
            return await WaitSentAsync(_queue.Written, interruptible: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            EndWrite();
        }
    }

    /// <inheritdoc cref="Channels.Writing.SendQueue.TryFlushSoon"/>
    internal bool TryFlushSoon(long most) => _queue.TryFlushSoon(most);

    /// <summary>Waits, after <see cref="TryFlushSoon"/> returned false, until at most <paramref name="most"/> bytes are left to send.</summary>
    /// <returns>False if <see cref="CancelFlush"/> ended the wait.</returns>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed before or during the call.</exception>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    internal async ValueTask<bool> WaitSentButAsync(long most, CancellationToken cancellationToken)
    {
        Begin();
        try
        {
            return await WaitSentAsync(_queue.Written - most, interruptible: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            EndWrite();
        }
    }

    /// <summary>Ends the wait of a pipe view's flush that is in progress, or else of the next one.</summary>
    internal void CancelFlush()
    {
        Interlocked.Exchange(ref _flushCanceled, 1);
        _queue.Progress?.Interrupt();
    }

    /// <summary>Takes back a <see cref="CancelFlush"/> that found no flush waiting; false if there was none.</summary>
    internal bool TakeFlushCanceled() => Volatile.Read(ref _flushCanceled) != 0 && Interlocked.Exchange(ref _flushCanceled, 0) != 0;

    /// <summary>Sends, without waiting, what does not leave by itself.</summary>
    internal void SendNow()
    {
        if (!AutoFlush)
        {
            _queue.Send();
        }
    }

    /// <summary>Sends what was written, and waits until all of it is sent.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        _queue.Send();
        await WaitSentAsync(_queue.Written, interruptible: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends, and waits until <paramref name="count"/> more bytes fit, which are at most <see cref="HighWaterMark"/>.</summary>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    internal async ValueTask WaitForRoomAsync(int count, CancellationToken cancellationToken)
    {
        _queue.Send();
        LoopTurn.ConsumeBudget();
        await WaitSentAsync(_queue.Written + count - HighWaterMark, interruptible: false, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask SendAllAsync(bool complete, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        Begin();
        bool pending = false;
        try
        {
            ThrowIfClosed();
            _queue.EndPipeWrite();
            if (complete)
            {
                _queue.Complete();
            }
            else
            {
                _queue.Send();
            }

            LoopTurn.ConsumeBudget();
            if (_queue.IsFlushedOrArms(_queue.Written, giveWay: LoopTurn.IsBudgetSpent))
            {
                return ValueTask.CompletedTask;
            }

            pending = true;
            return WaitSentAndEndAsync(_queue.Written, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                EndWrite();
            }
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask WaitSentAndEndAsync(long count, CancellationToken cancellationToken)
    {
        try
        {
            await WaitSentAsync(count, interruptible: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            EndWrite();
        }
    }

    // Waits until that many bytes are sent; false if CancelFlush ended the wait. Yields once if the running continuation's budget is spent.
    /// <inheritdoc cref="SendQueue.TryAppendUnflushed"/>
    internal bool TryAppendUnflushed(ReadOnlySpan<byte> bytes, out bool needsFlush) => _queue.TryAppendUnflushed(bytes, out needsFlush);

    /// <inheritdoc cref="SendQueue.FlushAppended"/>
    internal void FlushAppended(bool soon) => _queue.FlushAppended(soon);

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<bool> WaitSentAsync(long count, bool interruptible, CancellationToken cancellationToken)
    {
        bool giveWay = LoopTurn.IsBudgetSpent;
        while (true)
        {
            ThrowIfClosed();
            if (interruptible && Interlocked.Exchange(ref _flushCanceled, 0) != 0)
            {
                return false;
            }

            if (_queue.IsFlushedOrArms(count, giveWay))
            {
                return true;
            }

            // The waiter waits, then looks at the flag. CancelFlush sets the flag, then interrupts. So neither misses the other.
            PooledTask<WaitOutcome> wait = _queue.Progress!.Wait(cancellationToken);
            if (interruptible && Volatile.Read(ref _flushCanceled) != 0)
            {
                _queue.Progress!.Interrupt();
            }

            WaitOutcome outcome = await wait;
            giveWay = false;
            if (outcome == WaitOutcome.TimedOut && !IsBelowTls)
            {
                throw SendTimeout();
            }

            if (outcome == WaitOutcome.Closed)
            {
                throw _queue.Sink.Closed();
            }
        }
    }
}
