using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Scheduling;

namespace Sluice.Channels;

/// <summary>Writes to an <see cref="IByteSink"/>. What the sink cannot take yet stays in the channel and follows when the sink calls back: no task stands between.</summary>
/// <remarks>
/// The writer appends; whoever flushes (the writer, the end of a turn, the sink's call back) sends. The lock guards the queue between them, and
/// <see cref="_sending"/> makes sure that one sends at a time, outside the lock.
/// </remarks>
internal sealed class SinkWriteChannel : ByteWriteChannel, ISinkClient, IDeferredFlush
{
    private readonly Lock _lock = new();
    private readonly SegmentQueue _queue;
    private readonly IByteSink _sink;
    private readonly Gate _progress;
    private TaskCompletionSource? _drained;
    private Exception? _failure;
    private long _sent;
    private long _written;
    private long _awaited = long.MaxValue;
    private bool _sending;
    private bool _deferred;
    private bool _completed;
    private bool _finSent;
    private bool _closed;
    private int _flushCanceled;

    public SinkWriteChannel(IByteSink sink, MemoryPool<byte>? pool, bool autoFlush)
        : base(autoFlush)
    {
        _sink = sink;
        _queue = new SegmentQueue(pool);
        _progress = sink.CreateProgressGate();
    }

    IDeferredFlush? IDeferredFlush.NextDeferred { get; set; }

    public override ValueTask FlushAsync(CancellationToken cancellationToken = default) => SendAllAsync(complete: false, cancellationToken);

    public override ValueTask CompleteAsync(CancellationToken cancellationToken = default) => SendAllAsync(complete: true, cancellationToken);

    internal override long UnsentBytes
    {
        get
        {
            lock (_lock)
            {
                return _queue.Length;
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal override async ValueTask<bool> TryFlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Begin();
        try
        {
            ThrowIfClosed();
            Send();
            Turn.Spend();
            return await ReachAsync(_written, interruptible: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            End();
        }
    }

    internal override void CancelFlush()
    {
        Volatile.Write(ref _flushCanceled, 1);
        _progress.Interrupt();
    }

    internal override void CompleteNow()
    {
        lock (_lock)
        {
            _completed = true;
        }

        Send();
    }

    /// <summary>Closing, first step: no more writes, and one that waits ends. What is written goes on being sent; the result completes when it is, or never will be.</summary>
    public Task BeginClose()
    {
        Task drained;
        lock (_lock)
        {
            _closed = true;
            drained = _failure is not null || _queue.Length == 0
                ? Task.CompletedTask
                : (_drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }

        _progress.Signal();
        Send();
        return drained;
    }

    /// <summary>Closing, last step: whatever is left is dropped.</summary>
    internal override void Abandon()
    {
        lock (_lock)
        {
            _closed = true;
        }

        Fail(new ObjectDisposedException(nameof(StreamSocket)));
    }

    public void FlushDeferred() => Send(endOfTurn: true);

    public void OnSinkReady(int sent, IOException? error)
    {
        lock (_lock)
        {
            _sending = false;
            Sent(sent);
            if (_failure is not null)
            {
                ClearIfUnused();
            }
        }

        if (error is null)
        {
            Send();
        }
        else
        {
            Fail(error);
        }
    }

    private protected override void ThrowIfUnusable()
    {
        ThrowIfClosed();
        ObjectDisposedException.ThrowIf(_completed, typeof(ByteWriteChannel));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private protected override async ValueTask WaitForRoomAsync(int count, CancellationToken cancellationToken)
    {
        Send();
        Turn.Spend();
        await ReachAsync(_written + count - HighWaterMark, interruptible: false, cancellationToken).ConfigureAwait(false);
    }

    private protected override Memory<byte> Lease(int minimum)
    {
        lock (_lock)
        {
            return _queue.Lease(minimum);
        }
    }

    private protected override bool TryLease(int minimum, out Memory<byte> memory)
    {
        lock (_lock)
        {
            bool fits = _queue.Length + minimum <= HighWaterMark;
            memory = fits ? _queue.Lease(minimum) : default;
            return fits;
        }
    }

    private protected override void Advance(int count, bool flush)
    {
        lock (_lock)
        {
            if (IsDead())
            {
                return;
            }

            _queue.Commit(count);
            flush = Wrote(count, flush);
        }

        FlushIf(flush);
    }

    private protected override bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        bool flush;
        lock (_lock)
        {
            if (_queue.Length + bytes.Length > HighWaterMark)
            {
                return false;
            }

            if (IsDead())
            {
                return true;
            }

            _queue.Write(bytes);
            flush = Wrote(bytes.Length, AutoFlush);
        }

        FlushIf(flush);
        return true;
    }

    // In the lock. Failed meanwhile: the next call says so, and the memory can go back now.
    private bool IsDead()
    {
        if (_failure is null)
        {
            return false;
        }

        _queue.EndLease();
        ClearIfUnused();
        return true;
    }

    // In the lock. Whether somebody has to flush what was just written: not if the sink will call back, or the end of the turn will.
    private bool Wrote(int count, bool flush)
    {
        _written += count;
        if (!flush || _sending || _deferred || count == 0)
        {
            return false;
        }

        _deferred = true;
        return true;
    }

    private void FlushIf(bool flush)
    {
        if (flush && !Turn.TryDefer(this))
        {
            FlushDeferred();
        }
    }

    // Sends until all is sent or the sink is full. Never throws: a failure is kept.
    private void Send(bool endOfTurn = false)
    {
        ReadOnlySequence<byte> bytes;
        lock (_lock)
        {
            if (endOfTurn)
            {
                _deferred = false;
            }

            if (_sending || !TryTake(out bytes))
            {
                return;
            }
        }

        while (true)
        {
            try
            {
                int sent = _sink.TrySend(bytes, this, out bool pending);
                if (pending)
                {
                    // Still sending: the call back goes on, perhaps at this very moment.
                    return;
                }

                lock (_lock)
                {
                    _sending = false;
                    Sent(sent);
                    if (!TryTake(out bytes))
                    {
                        return;
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                lock (_lock)
                {
                    _sending = false;
                }

                Fail(exception);
                return;
            }
        }
    }

    // In the lock. What is to be sent, which then is being sent; or what has to be done once there is nothing, or no use.
    private bool TryTake(out ReadOnlySequence<byte> bytes)
    {
        bytes = default;
        if (_failure is not null)
        {
            ClearIfUnused();
            return false;
        }

        if (_queue.Length == 0)
        {
            SendFin();
            _drained?.TrySetResult();
            return false;
        }

        bytes = _queue.Bytes;
        _sending = true;
        return true;
    }

    // In the lock, so that it happens once and after the last byte.
    private void SendFin()
    {
        if (_completed && !_finSent)
        {
            _finSent = true;
            try
            {
                _sink.ShutdownOutput();
            }
            catch (ObjectDisposedException)
            {
                // Closed meanwhile, which told the peer the same.
            }
        }
    }

    // In the lock.
    private void Sent(int count)
    {
        if (count == 0)
        {
            return;
        }

        _sent += count;
        _queue.Consume(count);
        if (_sent >= _awaited)
        {
            _progress.Signal();
        }
        else
        {
            _progress.Touch();
        }
    }

    private void Fail(Exception failure)
    {
        lock (_lock)
        {
            _failure ??= failure;
            ClearIfUnused();
            _drained?.TrySetResult();
        }

        _progress.Signal();
    }

    // In the lock. Memory that a writer fills or the sink still reads goes back when they are done.
    private void ClearIfUnused()
    {
        if (!_sending && !_queue.IsLeased)
        {
            _queue.Clear();
        }
    }

    private bool HasSent(long target)
    {
        lock (_lock)
        {
            return _sent >= target && _failure is null;
        }
    }

    private void ThrowIfClosed()
    {
        ObjectDisposedException.ThrowIf(_closed, typeof(StreamSocket));
        switch (_failure)
        {
            case null:
                return;
            case IOException { InnerException: { } inner } failed:
                throw new IOException(failed.Message, inner);
            case var failure:
                throw new ObjectDisposedException(nameof(StreamSocket), failure);
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
                CompleteNow();
            }
            else
            {
                Send();
            }

            Turn.Spend();
            if (HasSent(_written) && !Turn.IsBudgetSpent)
            {
                return ValueTask.CompletedTask;
            }

            pending = true;
            return WaitSentAsync(_written, cancellationToken);
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
    private async ValueTask WaitSentAsync(long target, CancellationToken cancellationToken)
    {
        try
        {
            await ReachAsync(target, interruptible: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            End();
        }
    }

    // Waits until so many bytes are sent; false if it was interrupted. Gives way once if the running continuation's budget is spent.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReachAsync(long target, bool interruptible, CancellationToken cancellationToken)
    {
        bool yield = Turn.IsBudgetSpent;
        while (true)
        {
            ThrowIfClosed();
            if (interruptible && Interlocked.Exchange(ref _flushCanceled, 0) != 0)
            {
                return false;
            }

            lock (_lock)
            {
                bool reached = _sent >= target;
                if (reached && !yield)
                {
                    _awaited = long.MaxValue;
                    return true;
                }

                _awaited = target;
                _progress.TryPass();
                if (reached || _closed || _failure is not null)
                {
                    _progress.Signal();
                }
            }

            GateSignal signal = await _progress.WaitAsync(cancellationToken).ConfigureAwait(false);
            yield = false;
            if (signal == GateSignal.TimedOut)
            {
                throw _sink.SendTimeout();
            }

            ObjectDisposedException.ThrowIf(signal == GateSignal.Closed, typeof(StreamSocket));
        }
    }
}
