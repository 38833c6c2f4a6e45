using System.Buffers;
using System.Runtime.CompilerServices;
using Microsoft.Win32.SafeHandles;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

/// <summary>Writes to an <see cref="IByteSink"/>.</summary>
internal sealed partial class SinkWriteChannel(IByteSink sink, MemoryPool<byte>? pool, bool autoFlush) : ByteWriteChannel(autoFlush), IDeferredFlush, IRunnable
{
    private readonly SendQueue _queue = new(sink, pool);
    private int _flushCanceled;

    IDeferredFlush? IDeferredFlush.NextDeferred { get; set; }

    /// <summary>What is closed when it is dropped, and has not been while this channel is held: the socket. Null if there is no such thing.</summary>
    internal object? KeptAlive { get; init; }

    public override long TotalBytesWritten => _queue.Written;

    public override bool IsClosedForWrite => _queue.IsClosed || _queue.IsCompleted || _queue.Failure is not null;

    internal override long UnsentBytes => _queue.Length;

    internal override TimeProvider TimeProvider => sink.TimeProvider;

    internal override TimeSpan CloseTimeout => sink.CloseTimeout;

    internal override bool IsReaderGone => _queue.Failure switch
    {
        null => _queue.IsClosed,
        IOException failure => sink.HasLostReader(failure),
        _ => CloseCause is null,
    };

    /// <summary>Whether <see cref="BeginClose"/> was called.</summary>
    internal bool IsClosing => _queue.IsClosed;

    private protected override Exception? Failure => _queue.Failure as IOException;

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) => SendAllAsync(complete: false, cancellationToken);

    public override ValueTask CompleteAsync(CancellationToken cancellationToken = default) => SendAllAsync(complete: true, cancellationToken);

    /// <summary>What is not sent is dropped, and the peer is told that something is missing.</summary>
    internal override void CompleteNow(Exception cause)
    {
        if (!IsClosedForWrite)
        {
            Abort(cause);
        }
    }

    /// <summary>The same, whatever state the channel is in.</summary>
    public void Abort(Exception cause)
    {
        _queue.Fail(new ObjectDisposedException($"The channel was completed: {cause.Message}", cause));
        _queue.Complete();
        _queue.Close();
        sink.AbortOutput(cause);
    }

    public void FlushDeferred(IScheduler scheduler)
    {
        if (_queue.CallsUserCode)
        {
            // In a stay of its own, from which the loop can be taken.
            scheduler.Schedule(this);
        }
        else
        {
            SendScheduled();
        }
    }

    void IRunnable.Run() => SendScheduled();

    void IThreadPoolWorkItem.Execute() => SendScheduled();

    /// <summary>Before <see cref="BeginClose"/>: writes are refused from now on, and none that waits is woken.</summary>
    public void Refuse() => _queue.Refuse();

    /// <summary>
    /// Closing, first step: no more writes, and one that waits ends. The result completes when what was written is sent, or never will be.
    /// </summary>
    public Task BeginClose() => _queue.Close();

    /// <summary>Closing, last step: whatever is left is dropped.</summary>
    internal override void DiscardAndClose()
    {
        _queue.Fail(sink.Closed());
        _queue.Close();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal override async ValueTask<bool> TryFlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Begin();
        try
        {
            ThrowIfClosed();
            _queue.Send();
            LoopTurn.ConsumeBudget();
            return await ReachAsync(_queue.Written, interruptible: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            End();
        }
    }

    internal override void CancelFlush()
    {
        Interlocked.Exchange(ref _flushCanceled, 1);
        _queue.Progress?.Interrupt();
    }

    internal override void CompleteNow() => _queue.Complete();

    private protected override void EndLease(ref int writers) => _queue.EndLease(ref writers);

    internal override ISplice? OpenSplice(IByteSource source) => source.OpenSplice(sink);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal override async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        _queue.Send();
        await ReachAsync(_queue.Written, interruptible: false, cancellationToken).ConfigureAwait(false);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal override async ValueTask SendAsync(IExternalPayload payload, CancellationToken cancellationToken)
    {
        _queue.Append(payload);
        _queue.Send();
        LoopTurn.ConsumeBudget();
        await ReachAsync(_queue.Written, interruptible: false, cancellationToken).ConfigureAwait(false);
        _queue.Forget(payload.Missing);
    }

    internal override void SendNow()
    {
        if (!AutoFlush)
        {
            _queue.Send();
        }
    }

    internal override void Release(IExternalPayload payload) => _queue.Release(payload);

    private protected override IExternalPayload? OpenFile(SafeFileHandle file, long offset, long count) => sink.OpenFile(file, offset, count);

    private protected override string? PeerName => sink.PeerName;

    private protected override void ThrowIfUnusable()
    {
        ThrowIfClosed();
        ObjectDisposedException.ThrowIf(_queue.IsCompleted, typeof(ByteWriteChannel));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private protected override async ValueTask WaitForRoomAsync(int count, CancellationToken cancellationToken)
    {
        _queue.Send();
        LoopTurn.ConsumeBudget();
        await ReachAsync(_queue.Written + count - HighWaterMark, interruptible: false, cancellationToken).ConfigureAwait(false);
    }

    private protected override Memory<byte> Lease(int minimum)
    {
        _queue.TryLease(minimum, long.MaxValue, out Memory<byte> memory);
        return memory;
    }

    private protected override bool TryLease(int minimum, out Memory<byte> memory) => _queue.TryLease(minimum, HighWaterMark, out memory);

    private protected override void Advance(int count, bool flush)
    {
        _queue.Commit(count, promise: flush, out bool send);
        if (send)
        {
            SendSoon();
        }
    }

    private protected override bool TryAppend(ReadOnlySpan<byte> bytes, bool flush)
    {
        bool appended = _queue.TryAppend(bytes, HighWaterMark, promise: flush, out bool send);
        if (send)
        {
            SendSoon();
        }

        return appended;
    }

    private protected override void AppendParts(ReadOnlySpan<byte> head, in ReadOnlySequence<byte> body, ReadOnlySpan<byte> tail)
    {
        _queue.TryAppend(head, body, tail, long.MaxValue, promise: AutoFlush, out bool send);
        if (send)
        {
            SendSoon();
        }
    }

    private protected override bool TryAppendUncontended(ReadOnlySpan<byte> bytes, ref int writers)
    {
        bool appended = _queue.TryAppendUncontended(bytes, HighWaterMark, promise: AutoFlush, ref writers, out bool send);
        if (send)
        {
            SendSoon();
        }

        return appended;
    }

    private protected override int DirectSendThreshold => sink.DirectSendThreshold;

    private protected override int TrySendDirect(ReadOnlySpan<byte> bytes)
    {
        LoopTurn.ConsumeBudget();
        return _queue.TrySendDirect(bytes);
    }

    // At the end of the turn; where there is none, at once.
    private void SendSoon()
    {
        if (!LoopTurn.TryDefer(this))
        {
            SendScheduled();
        }
    }

    private void SendScheduled() => _queue.Send(flushScheduled: true);

    private void ThrowIfClosed()
    {
        if (_queue.Failure is ObjectDisposedException && CloseCause is { } cause)
        {
            throw new ObjectDisposedException($"The channel was completed: {cause.Message}", cause);
        }

        if (_queue.IsClosed)
        {
            throw sink.Closed();
        }

        switch (_queue.Failure)
        {
            case null:
                return;
            case IOException failed:
                throw new IOException(failed.Message, failed.InnerException ?? failed);
            case var failure:
                throw new ObjectDisposedException(failure.Message, failure.InnerException ?? failure);
        }
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
            return WaitSentAsync(_queue.Written, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                End();
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitSentAsync(long count, CancellationToken cancellationToken)
    {
        try
        {
            await ReachAsync(count, interruptible: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            End();
        }
    }

    // Waits until so many bytes are sent; false if it was interrupted. Gives way once if the running continuation's budget is spent.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReachAsync(long count, bool interruptible, CancellationToken cancellationToken)
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

            // Wait first and look second; whoever interrupts does it the other way round.
            ValueTask<WaitOutcome> wait = _queue.Progress!.WaitAsync(cancellationToken);
            if (interruptible && Volatile.Read(ref _flushCanceled) != 0)
            {
                _queue.Progress!.Interrupt();
            }

            WaitOutcome signal = await wait.ConfigureAwait(false);
            giveWay = false;
            if (signal == WaitOutcome.TimedOut)
            {
                throw sink.SendTimeout();
            }

            if (signal == WaitOutcome.Closed)
            {
                throw sink.Closed();
            }
        }
    }
}
