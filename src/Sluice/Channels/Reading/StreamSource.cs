using System.Diagnostics.CodeAnalysis;
using Sluice.Channels.Buffers;
using Sluice.Scheduling;

namespace Sluice.Channels.Reading;

/// <summary>
/// Receives from a stream. The stream's read is never cancelled, for not every stream keeps what it has then: whoever comes next gets what
/// it brings.
/// </summary>
internal class StreamSource : ISegmentSource
{
    private readonly Stream _stream;
    private readonly ReadinessEvent _readiness;
    private readonly Action _onCompleted;

    // Where the stream reads to, and how much of what it has read is received. It does not go back while the stream may still write to it.
    private BufferSegment? _segment;
    private int _start;
    private int _size = SegmentQueue.SmallestSegment;
    private bool _ended;
    private PendingOperation<int> _read;

    /// <summary>A stream that is read from in its own time.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="scheduler">Where who waits goes on; null for the thread pool.</param>
    public StreamSource(Stream stream, IScheduler? scheduler = null)
    {
        _stream = stream;
        _readiness = new ReadinessEvent(scheduler ?? ThreadPoolScheduler.Instance);
        _onCompleted = OnCompleted;
    }

    public virtual TimeProvider TimeProvider => TimeProvider.System;

    /// <summary>Whether the last read filled all the memory that it was given: the stream may hold the rest.</summary>
    protected bool HasFilledMemory { get; private set; }

    private ReadOnlySpan<byte> Left => _segment is null ? default : _segment.Bytes[_start..];

    public int TryReceive(Span<byte> buffer)
    {
        if (!HasLeft())
        {
            return IByteSource.WouldBlock;
        }

        int count = Math.Min(Left.Length, buffer.Length);
        Left[..count].CopyTo(buffer);
        _start += count;
        return count;
    }

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

    public ValueTask<WaitOutcome> WaitReceivableAsync(CancellationToken cancellationToken)
    {
        if (!_read.IsIdle)
        {
            return _readiness.WaitAsync(cancellationToken);
        }

        if (Left.IsEmpty)
        {
            // Somebody else can use the memory meanwhile.
            ReturnSegment();
        }

        return WaitWorthReadingAsync(cancellationToken);
    }

    public virtual string? PeerName => null;

    public virtual bool IsLackOfMemory(Exception exception) => false;

    public virtual Exception ReceiveFailure(WaitOutcome signal) => new ObjectDisposedException(nameof(Stream));

    public virtual void InterruptReceive() => _readiness.Interrupt();

    public virtual bool IsSignallable => false;

    public virtual void SignalReceivable() => _readiness.Set();

    public void CompleteReceiving(Exception? cause)
    {
        if (_read.IsIdle)
        {
            ReturnSegment();
        }
    }

    // False: it has to be waited for. With nothing left, the stream has ended.
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

        // A signal may be late, and belong to a read whose result is taken: it is consumed here, or each wait would return for it at once.
        // First the signal and then the result; the callback does it the other way round.
        if (!_read.TryClaim() && !(_readiness.TryConsume() && _read.TryClaim()))
        {
            return false;
        }

        Take();
        return true;
    }

    /// <summary>Whether the stream is to be read now.</summary>
    /// <param name="most">More bytes than that it does not bring before it is to be asked again; 0 if that is not known.</param>
    protected virtual bool IsWorthReading(out int most)
    {
        most = 0;
        return true;
    }

    /// <summary>Waits until <see cref="IsWorthReading"/>, which was not true, is worth another look.</summary>
    protected virtual ValueTask<WaitOutcome> WaitWorthReadingAsync(CancellationToken cancellationToken) => new(WaitOutcome.Ready);

    /// <summary>The stream is about to be read.</summary>
    protected virtual void OnReading()
    {
    }

    /// <summary>The stream has been read, or has failed.</summary>
    protected virtual void OnRead()
    {
    }

    /// <summary>A failure of the stream as the reader is told of it.</summary>
    protected virtual IOException Explain(IOException failure) => failure;

    /// <summary>A receive finds that the stream has ended. Throws, each time, if it should not have.</summary>
    protected virtual void OnEnded()
    {
    }

    // Room for all that the stream may bring: what it would have to keep, nobody would know of.
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
        _readiness.Set();
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
    }

    private void Take()
    {
        int count = GetResult();
        _segment!.Commit(count);
        _ended = count == 0;
        HasFilledMemory = count == _segment.Capacity;
        if (HasFilledMemory)
        {
            _size = Math.Min(_size * 2, SegmentQueue.LargestSegment);
        }
    }
}
