using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Channels.InMemory;

/// <summary>Holds the bytes between a writer and a reader in this process, as the kernel's buffers do for a socket.</summary>
internal sealed class MemoryPipe : IByteSource, IByteSink
{
    private readonly Lock _lock = new();

    // Guarded by the lock. Its memory is of the shared array pool: no user code runs in the lock.
    private readonly SegmentQueue _bytes = new(pool: null);
    private readonly ReadinessEvent _readable = new(ThreadPoolScheduler.Instance);
    private readonly ByteChannelOptions _options;
    private readonly int _capacity;
    private readonly int _fragment;

    // The end points of the writer and the reader; null if they have none.
    private readonly EndPoint? _from;
    private readonly EndPoint? _to;

    // Written by an upgrade to TLS.
    private ReadinessEvent? _readableAbove;

    // Ends waits that last too long, until neither side can wait any more. Null if there is no limit.
    private readonly InactivitySweep? _sweep;

    // Guarded by the lock, as is all that follows. The writer that waits for room; null if none does.
    private ISinkClient? _writer;
    private bool _completed;

    // Why one side left before the end, as the other side's calls throw it.
    private Exception? _writerFailed;
    private IOException? _readerGone;

    public MemoryPipe(ByteChannelOptions options, EndPoint? from, EndPoint? to)
    {
        _options = options;
        _from = from;
        _to = to;
        _capacity = options.Capacity;
        _fragment = options.MaxFragment;
        if (options.SocketTimeout != Timeout.InfiniteTimeSpan)
        {
            _sweep = new InactivitySweep(options.TimeProvider);
            _readable.SetTimeout(options.SocketTimeout, _sweep);
        }
    }

    /// <summary>Gets or sets a callback for an abort of the output, which ends the other direction of the connection too, as a reset does. Set before the first use.</summary>
    public Action? OnAborted { get; set; }

    /// <summary>Gets or sets what tells the reader that its connection was closed on its side; null for a pipe by itself. Set before the first use.</summary>
    public Func<ObjectDisposedException>? ReaderClosed { get; set; }

    /// <summary>Gets or sets what tells the writer that its connection was closed on its side; null for a pipe by itself. Set before the first use.</summary>
    public Func<ObjectDisposedException>? WriterClosed { get; set; }

    string? IByteSource.PeerName => _from is null ? null : SocketErrors.Describe(_from);

    string? IByteSink.PeerName => _to is null ? null : SocketErrors.Describe(_to);

    private string Reading => _from is null ? "Reading" : $"Reading from {SocketErrors.Describe(_from)}";

    private string Writing => _to is null ? "Writing" : $"Writing to {SocketErrors.Describe(_to)}";

    public string ClosedName => typeof(ByteChannel).FullName!;

    public TimeProvider TimeProvider => _options.TimeProvider;

    public TimeSpan CloseTimeout => _options.CloseTimeout;

    public IScheduler Scheduler => ThreadPoolScheduler.Instance;

    // Handing the bytes over costs no more than keeping them.
    public int DirectSendThreshold => 1;

    public int TryReceive(Span<byte> buffer)
    {
        int count;
        ISinkClient? writer;
        lock (_lock)
        {
            if (!TryBeginReceive(out count))
            {
                return count;
            }

            count = (int)Math.Min(Math.Min(buffer.Length, _fragment), _bytes.Length);
            _bytes.Bytes.Slice(0, count).CopyTo(buffer);
            _bytes.Consume(count);
            writer = EndReceive();
        }

        writer?.OnSinkReady(0, null);
        return count;
    }

    public int TryReceive(SegmentQueue into)
    {
        int count;
        ISinkClient? writer;
        lock (_lock)
        {
            if (!TryBeginReceive(out count))
            {
                return count;
            }

            if (_bytes.Length <= Math.Min(_fragment, SegmentQueue.LargestSegment))
            {
                count = (int)_bytes.Length;
                _bytes.MoveTo(into);
            }
            else
            {
                Memory<byte> free = into.Lease(1);
                count = Math.Min(free.Length, _fragment);
                _bytes.Bytes.Slice(0, count).CopyTo(free.Span);
                _bytes.Consume(count);
                into.Commit(count);
            }

            writer = EndReceive();
        }

        writer?.OnSinkReady(0, null);
        return count;
    }

    public PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken) => _readable.Wait(cancellationToken);

    public Exception ReadFailure(WaitOutcome outcome) => outcome == WaitOutcome.TimedOut
        ? SocketErrors.TimedOut(Reading, _options.SocketTimeout)
        : ReaderClosed?.Invoke() ?? new ObjectDisposedException(ClosedName);

    public ObjectDisposedException Closed() => WriterClosed?.Invoke() ?? new ObjectDisposedException(ClosedName);

    public void InterruptRead() => _readable.Interrupt();

    public bool IsSignallable => true;

    public void SignalReadable() => _readable.Set();

    public void CompleteReading(Exception? cause)
    {
        // The same error as for a connection whose peer is gone.
        cause ??= new SocketException((int)SocketError.ConnectionReset);
        var gone = new IOException($"{Writing}: no reader is left: {cause.Message}", cause);
        ISinkClient? writer;
        lock (_lock)
        {
            _readerGone = gone;
            _bytes.Clear();
            writer = TakeWriter();
        }

        writer?.OnSinkReady(0, gone);
        _sweep?.Dispose();
    }

    public ReadinessEvent CreateReadEventAbove() => _readableAbove ??= CreateProgressEvent();

    public ReadinessEvent CreateProgressEvent()
    {
        var readiness = new ReadinessEvent(ThreadPoolScheduler.Instance);
        if (_sweep is not null)
        {
            readiness.SetTimeout(_options.SocketTimeout, _sweep);
        }

        return readiness;
    }

    public int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending)
    {
        int taken = 0;
        lock (_lock)
        {
            ThrowIfGone();
            long room = _capacity - _bytes.Length;
            pending = room == 0;
            if (pending)
            {
                _writer = client;
                return 0;
            }

            foreach (ReadOnlyMemory<byte> segment in bytes)
            {
                int count = (int)Math.Min(segment.Length, room - taken);
                _bytes.Write(segment.Span[..count]);
                taken += count;
            }
        }

        _readable.Set();
        return taken;
    }

    public int TrySendDirect(ReadOnlySpan<byte> bytes)
    {
        int count;
        lock (_lock)
        {
            ThrowIfGone();
            count = (int)Math.Min(bytes.Length, _capacity - _bytes.Length);
            _bytes.Write(bytes[..count]);
        }

        if (count > 0)
        {
            _readable.Set();
        }

        return count;
    }

    public Exception SendTimeout() =>
        SocketErrors.TimedOut(Writing, _options.SocketTimeout);

    public void ShutdownOutput()
    {
        lock (_lock)
        {
            _completed = true;
        }

        _readable.Set();
        _sweep?.Dispose();
    }

    public void AbortOutput(Exception cause)
    {
        if (OnAborted is not null)
        {
            Reset(cause);
            return;
        }

        // For the reader, the writer's own close and a canceled token are failures of its peer.
        Abort(cause is ObjectDisposedException or OperationCanceledException
            ? new IOException($"{Reading}: the writer has failed: {cause.Message}", cause)
            : cause);
    }

    /// <summary>Ends writing as the reset of a connection does, for a reason of the writer's if it gave one.</summary>
    public void Reset(Exception? cause)
    {
        string reason = cause is null ? "." : $": {cause.Message}";
        Abort(new IOException(
            $"{Reading}: the connection was aborted by its other end{reason}", new SocketException((int)SocketError.ConnectionReset)));
    }

    private void Abort(Exception failure)
    {
        ISinkClient? writer;
        bool isFirst;
        lock (_lock)
        {
            if (_completed)
            {
                return;
            }

            isFirst = _writerFailed is null;

            _writerFailed ??= failure;
            _bytes.Clear();
            writer = TakeWriter();
        }

        _readable.Set();
        writer?.OnSinkReady(0, null);
        _sweep?.Dispose();
        if (isFirst)
        {
            OnAborted?.Invoke();
        }
    }

    // In the lock. False if there are no bytes; the result says why.
    private bool TryBeginReceive(out int result)
    {
        _readable.TryConsume();
        if (_writerFailed is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }

        result = _completed ? 0 : IByteSource.WouldBlock;
        if (_bytes.Length > 0)
        {
            return true;
        }

        if (_completed)
        {
            _readable.Set();
        }

        return false;
    }

    // In the lock. Returns the writer that waits for the room, to be called back outside the lock.
    private ISinkClient? EndReceive()
    {
        if (_bytes.Length > 0 || _completed)
        {
            _readable.Set();
        }

        return TakeWriter();
    }

    private ISinkClient? TakeWriter()
    {
        ISinkClient? writer = _writer;
        _writer = null;
        return writer;
    }

    private void ThrowIfGone()
    {
        if (_readerGone is { } gone)
        {
            throw new IOException(gone.Message, gone.InnerException);
        }
    }
}
