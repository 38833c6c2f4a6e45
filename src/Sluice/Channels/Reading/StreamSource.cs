using System.Diagnostics.CodeAnalysis;
using Sluice.Channels.Buffers;
using Sluice.Scheduling;

namespace Sluice.Channels.Reading;

/// <summary>
/// Receives from a stream. Never cancels the stream's read, because not every stream keeps the bytes of a cancelled one: the next receive takes
/// what the read brings.
/// </summary>
internal class StreamSource : IByteSource
{
    private readonly Stream _stream;
    private readonly ReadinessEvent _readiness;
    private readonly Action _onCompleted;

    // All fields below are used by the channel's reader, and after the close by the closing thread. Only the callback of a read, on any thread,
    // completes the operation. While the operation is not idle, the stream writes to the segment, which therefore does not go back.
    private BufferSegment? _segment;

    // How much of the segment's bytes is received.
    private int _start;
    private int _size = SegmentQueue.SmallestSegment;
    private bool _ended;
    private PendingOperation<int> _read;

    // Written by the closing thread.
    private volatile bool _isClosed;

    /// <summary>Creates a source over a stream.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="readiness">The event at which a reader waits for a read of the stream; null for one without a timeout, on the thread pool.</param>
    public StreamSource(Stream stream, ReadinessEvent? readiness = null)
    {
        _stream = stream;
        _readiness = readiness ?? new ReadinessEvent(ThreadPoolScheduler.Instance);
        _onCompleted = OnCompleted;
    }

    public virtual TimeProvider TimeProvider => TimeProvider.System;

    public virtual string? PeerName => null;

    public virtual bool IsSignallable => false;

    public virtual bool HoldsReceived => false;

    /// <summary>Gets a value indicating whether a read of the stream is in progress.</summary>
    protected bool IsReading => !_read.IsIdle;

    /// <summary>Gets a value indicating whether a read of the stream has not ended yet.</summary>
    protected bool IsReadPending => _read.IsPending;

    /// <summary>Gets a value indicating whether the last read filled its memory: the stream may hold more.</summary>
    protected bool HasFilledMemory { get; private set; }

    private ReadOnlySpan<byte> Left => _segment is null ? default : _segment.Bytes[_start..];

    public int TryReceive(SegmentQueue into)
    {
        if (!HasLeft())
        {
            return IByteSource.WouldBlock;
        }

        int count = Left.Length;
        if (_start == 0 && count > 0 && count >= _segment!.Capacity / 2)
        {
            into.Append(_segment);
            _segment = null;
        }
        else
        {
            into.Write(Left);
            _start += count;
        }

        return count;
    }

    public int TryReceive(Span<byte> destination)
    {
        if (!HasLeft())
        {
            return IByteSource.WouldBlock;
        }

        int count = Math.Min(Left.Length, destination.Length);
        Left[..count].CopyTo(destination);
        _start += count;
        return count;
    }

    public virtual PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken)
    {
        if (IsReading)
        {
            return _readiness.Wait(cancellationToken);
        }

        if (Left.IsEmpty)
        {
            // A wait holds no memory.
            ReturnSegment();
        }

        return new PooledTask<WaitOutcome>(WaitOutcome.Ready);
    }

    public virtual Exception ReadFailure(WaitOutcome outcome) => new ObjectDisposedException(nameof(Stream));

    public virtual void InterruptRead() => _readiness.Interrupt();

    public virtual void SignalReadable() => _readiness.Set();

    public void CompleteReading(Exception? cause)
    {
        if (_read.IsIdle)
        {
            ReturnSegment();
            return;
        }

        // First the flag, and then the look at the read; the callback of the read does it in the other order.
        _isClosed = true;
        Interlocked.MemoryBarrier();
        DropRead();
    }

    /// <summary>Whether the stream is to be read now.</summary>
    /// <param name="most">The most bytes that one read brings; 0 if that is not known.</param>
    protected virtual bool IsWorthReading(out int most)
    {
        most = 0;
        return true;
    }

    /// <summary>Called before a read of the stream.</summary>
    protected virtual void OnReading()
    {
    }

    /// <summary>Called after a read of the stream, which may have failed.</summary>
    protected virtual void OnRead()
    {
    }

    /// <summary>Translates a failure of the stream for the channel's reader.</summary>
    protected virtual IOException Explain(IOException failure) => failure;

    /// <summary>Called when a receive finds the end of the stream. Throws, each time, if the stream should not have ended.</summary>
    protected virtual void OnEnded()
    {
    }

    // False: the receive has to wait. True with nothing left: the stream has ended.
    private bool HasLeft()
    {
        if (!Left.IsEmpty)
        {
            return true;
        }

        bool ended = _read.IsIdle && _ended;
        if (!ended && !TryRead())
        {
            return false;
        }

        if (_ended)
        {
            OnEnded();
        }

        return true;
    }

    private bool TryRead()
    {
        if (_read.IsIdle)
        {
            if (!IsWorthReading(out int most))
            {
                return false;
            }

            RentSegment(most);
            _readiness.TryConsume();
            if (_read.TryBegin(BeginRead(_segment.Free), _onCompleted))
            {
                OnRead();
                Take();
                return true;
            }
        }

        // A signal may be late and belong to a read whose result is taken. It is consumed here, or each wait would end at once because of it.
        // First the signal and then the result; the callback sets them in the other order.
        if (!_read.TryClaim() && !(_readiness.TryConsume() && _read.TryClaim()))
        {
            return false;
        }

        Take();
        return true;
    }

    // With room for all that one read may bring: bytes that the stream has to keep cannot be waited for.
    [MemberNotNull(nameof(_segment))]
    private void RentSegment(int most)
    {
        if (_segment is not null && _segment.Capacity < most)
        {
            ReturnSegment();
        }

        int size = most == 0 ? _size : Math.Max(most, SegmentQueue.SmallestSegment);
        _segment?.Clear();
        _segment ??= BufferSegment.Rent(pool: null, size, size, runningIndex: 0);
        _start = 0;
    }

    private void ReturnSegment()
    {
        _segment?.Return();
        _segment = null;
    }

    private ValueTask<int> BeginRead(Memory<byte> buffer)
    {
        OnReading();
        try
        {
            return _stream.ReadAsync(buffer, CancellationToken.None);
        }
        catch
        {
            OnRead();
            throw;
        }
    }

    private void OnCompleted()
    {
        OnRead();
        _read.Complete();
        Interlocked.MemoryBarrier();
        if (_isClosed)
        {
            DropRead();
        }

        _readiness.Set();
    }

    // After the close: returns the segment of a read that has ended, once.
    private void DropRead()
    {
        if (!_read.TryClaim())
        {
            return;
        }

        try
        {
            _read.TakeResult();
        }
        catch (Exception)
        {
            // No reader is left to be told.
        }

        ReturnSegment();
    }

    private int GetResult()
    {
        try
        {
            return _read.TakeResult();
        }
        catch (IOException exception)
        {
            IOException explained = Explain(exception);
            if (!ReferenceEquals(explained, exception))
            {
                throw explained;
            }

            throw;
        }
        catch (OperationCanceledException exception)
        {
            throw exception.ForCallerOf("The stream", CancellationToken.None);
        }
    }

    private void Take()
    {
        int count = GetResult();
        ReadCount.ThrowIfImpossible(count, _segment!.Free.Length);
        _segment!.Commit(count);
        _ended = count == 0;
        HasFilledMemory = count == _segment.Capacity;
        if (HasFilledMemory)
        {
            _size = Math.Min(_size * 2, SegmentQueue.LargestSegment);
        }
    }
}
