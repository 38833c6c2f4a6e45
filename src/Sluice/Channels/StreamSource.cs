using Sluice.Scheduling;

namespace Sluice.Channels;

/// <summary>
/// Receives from a stream. The stream's read is never cancelled, for not every stream keeps what it has then: whoever comes next gets what
/// it brings.
/// </summary>
internal sealed class StreamSource : IByteSource
{
    private const int BufferSize = 16 * 1024;

    private readonly Stream _stream;
    private readonly Gate _gate = new(ThreadPoolScheduler.Instance);
    private readonly Action _signal;

    // Not rented: a read that nobody waits for any more may still write to it.
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _ended;
    private Task<int>? _reading;

    public StreamSource(Stream stream)
    {
        _stream = stream;
        _signal = _gate.Signal;
    }

    public int TryReceive(Span<byte> buffer)
    {
        if (_start == _end && !_ended && !TryRead())
        {
            return IByteSource.WouldBlock;
        }

        int count = Math.Min(_end - _start, buffer.Length);
        _buffer.AsSpan(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public ValueTask<GateSignal> WaitReceivableAsync(CancellationToken cancellationToken) =>
        _reading is null ? new ValueTask<GateSignal>(GateSignal.Ready) : _gate.WaitAsync(cancellationToken);

    public Exception ReceiveFailure(GateSignal signal) => new ObjectDisposedException(nameof(Stream));

    public void InterruptReceive() => _gate.Interrupt();

    private bool TryRead()
    {
        if (_reading is null)
        {
            ValueTask<int> read = _stream.ReadAsync(_buffer ??= new byte[BufferSize], CancellationToken.None);
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
        _start = 0;
        _end = count;
        _ended = count == 0;
    }
}
