using Sluice.Scheduling;

namespace Sluice.Channels;

/// <summary>
/// Receives from a stream. The stream's read is never cancelled, for not every stream keeps what it has then: whoever comes next gets what
/// it brings.
/// </summary>
internal sealed class StreamSource : ISegmentSource
{
    private readonly Stream _stream;
    private readonly Gate _gate = new(ThreadPoolScheduler.Instance);
    private readonly Action _signal;

    // Where the stream reads to, and how much of what it has read is received. It does not go back while the stream may still write to it.
    private BufferSegment? _segment;
    private int _start;
    private int _size = SegmentQueue.SmallestSegment;
    private bool _ended;
    private Task<int>? _reading;

    public StreamSource(Stream stream)
    {
        _stream = stream;
        _signal = _gate.Signal;
    }

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

    public ValueTask<GateSignal> WaitReceivableAsync(CancellationToken cancellationToken) =>
        _reading is null ? new ValueTask<GateSignal>(GateSignal.Ready) : _gate.WaitAsync(cancellationToken);

    public Exception ReceiveFailure(GateSignal signal) => new ObjectDisposedException(nameof(Stream));

    public void InterruptReceive() => _gate.Interrupt();

    public void EndReceive(Exception? cause)
    {
        if (_reading is null)
        {
            _segment?.Return();
            _segment = null;
        }
    }

    // False: it has to be waited for. With nothing left, the stream has ended.
    private bool HasLeft() => !Left.IsEmpty || (_reading is null && _ended) || TryRead();

    private bool TryRead()
    {
        if (_reading is null)
        {
            _segment?.Clear();
            _segment ??= BufferSegment.Rent(pool: null, _size, _size, runningIndex: 0);
            _start = 0;
            ValueTask<int> read = _stream.ReadAsync(_segment.Free, CancellationToken.None);
            if (read.IsCompleted)
            {
                Take(read.Result);
                return true;
            }

            _gate.TryPass();
            _reading = read.AsTask();
            _reading.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(_signal);
        }

        if (!_reading.IsCompleted)
        {
            return false;
        }

        Task<int> done = _reading;
        _reading = null;
#pragma warning disable RS0030 // It is completed: this waits for nothing.
        Take(done.GetAwaiter().GetResult());
#pragma warning restore RS0030
        return true;
    }

    private void Take(int count)
    {
        _segment!.Commit(count);
        _ended = count == 0;
        if (count == _segment.Capacity)
        {
            _size = Math.Min(_size * 2, SegmentQueue.LargestSegment);
        }
    }
}
