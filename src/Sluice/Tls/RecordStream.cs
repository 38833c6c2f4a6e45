using System.Runtime.CompilerServices;
using Sluice.Scheduling;

namespace Sluice.Tls;

#pragma warning disable RS0030 // The synchronous members of Stream block. SslStream is used only asynchronously, and never calls them.

/// <summary>
/// Connects <see cref="System.Net.Security.SslStream"/> to the channels below, for reading and writing records. A read never returns bytes of the next record
/// with those of the current one: so the channel below shows whether SslStream has something to read.
/// </summary>
internal sealed class RecordStream(ByteReadChannel input, ByteWriteChannel output, SslSessionLock sessionLock, ReadinessEvent readableAbove) : Stream
{
    private readonly RecordBounds _bounds = new();

    // The thread whose writes are buffered; 0 for none. Written by the shutdown, which holds the session lock, and read by every write.
    private int _bufferingThread;

    // Written by that thread, and read after the shutdown.
    private byte[] _buffered = [];

    /// <summary>Whether the connection below has ended. A session that is closed properly ends before that.</summary>
    public bool HasEnded { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        buffer = buffer[..Math.Min(buffer.Length, LeftOfRecord())];
        ValueTask<int> read = input.ReadClaimedAsync(buffer, cancellationToken);
        if (read.IsCompletedSuccessfully)
        {
            return new ValueTask<int>(Note(read.Result, buffer.Span));
        }

        sessionLock.Exit();
        return ReadSlowAsync(read, buffer);
    }

    /// <summary>
    /// Gets whether a read of <see cref="System.Net.Security.SslStream"/> would not wait: because the channel below has a whole record, an end or an error.
    /// </summary>
    /// <param name="content">The maximum number of content bytes of the record.</param>
    public bool HasRecord(out int content)
    {
        content = RecordBounds.MaxContent;
        if (!_bounds.IsBetween)
        {
            return true;
        }

        Span<byte> header = stackalloc byte[RecordBounds.HeaderLength];
        long available = input.LookAhead(header.Length, header, out bool isLast);
        if (available < header.Length)
        {
            return isLast;
        }

        int length = RecordBounds.Measure(header);
        content = Math.Min(length, content);
        return available >= length || input.LookAhead(length, [], out isLast) >= length || isLast;
    }

    /// <summary>Gets a value indicating whether the channel below has a whole record in its buffer. Receives nothing.</summary>
    public bool HoldsRecord
    {
        get
        {
            if (!_bounds.IsBetween)
            {
                return false;
            }

            Span<byte> header = stackalloc byte[RecordBounds.HeaderLength];
            long buffered = input.LookAhead(count: 0, header, out _);
            return buffered >= header.Length && buffered >= RecordBounds.Measure(header);
        }
    }

    /// <summary>
    /// Buffers the bytes that <paramref name="write"/> writes on this thread before it returns: for a caller that holds the session lock, under which a write
    /// to the channel could wait for memory.
    /// </summary>
    public Task BufferWritesAsync(Func<Task> write)
    {
        Volatile.Write(ref _bufferingThread, Environment.CurrentManagedThreadId);
        try
        {
            return write();
        }
        finally
        {
            Volatile.Write(ref _bufferingThread, 0);
        }
    }

    /// <summary>Writes the bytes that <see cref="BufferWritesAsync"/> has buffered.</summary>
    public ValueTask WriteBufferedAsync() => output.WriteAsync(_buffered);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _bufferingThread) == Environment.CurrentManagedThreadId)
        {
            _buffered = [.. _buffered, .. buffer.Span];
            return ValueTask.CompletedTask;
        }

        return output.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken).AsTask();

    // Called by the disposal of SslStream. There is nothing to flush: asynchronous writes are flushed asynchronously.
    public override void Flush()
    {
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> ReadSlowAsync(ValueTask<int> read, Memory<byte> buffer)
    {
        try
        {
            return Note(await read.ConfigureAwait(false), buffer.Span);
        }
        finally
        {
            sessionLock.Enter();
        }
    }

    private int LeftOfRecord()
    {
        if (!_bounds.IsBetween)
        {
            return _bounds.Left;
        }

        Span<byte> header = stackalloc byte[RecordBounds.HeaderLength];
        return input.LookAhead(header.Length, header, out _) < header.Length
            ? header.Length
            : Math.Max(RecordBounds.Measure(header), header.Length);
    }

    private int Note(int count, Span<byte> buffer)
    {
        HasEnded |= count == 0 && buffer.Length > 0;
        _bounds.Advance(buffer[..count]);

        // Part of a record, or one without content, is progress for a reader with a timeout.
        readableAbove.ReportProgress();
        return count;
    }
}
