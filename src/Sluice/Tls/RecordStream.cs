using System.Runtime.CompilerServices;

namespace Sluice.Tls;

#pragma warning disable RS0030 // The synchronous half of Stream has to wait. SslStream is used asynchronously alone, and never calls it.

/// <summary>
/// Where <see cref="System.Net.Security.SslStream"/> reads records from and writes them to: the channels below. It gets no byte of a record
/// before it asks for the first: so whoever knows what is below knows whether it has anything to read.
/// </summary>
internal sealed class RecordStream(ByteReadChannel input, ByteWriteChannel output, SslSessionLock turn) : Stream
{
    private readonly RecordBounds _bounds = new();

    // What this thread writes is held back.
    private int _holder;
    private byte[] _held = [];

    /// <summary>Whether the connection below has ended: a session that is closed properly ends before that.</summary>
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

        turn.Exit();
        return ReadSlowAsync(read, buffer);
    }

    /// <summary>
    /// Whether a read by <see cref="System.Net.Security.SslStream"/> finds a whole record below, or what makes it fail, and so need not wait.
    /// </summary>
    /// <param name="content">How many bytes the record may hold.</param>
    public bool HasRecord(out int content)
    {
        content = RecordBounds.MaxContent;
        if (!_bounds.IsBetween)
        {
            return true;
        }

        Span<byte> header = stackalloc byte[RecordBounds.HeaderLength];
        long there = input.LookAhead(header.Length, header, out bool isLast);
        if (there < header.Length)
        {
            return isLast;
        }

        int length = RecordBounds.Measure(header);
        content = Math.Min(length, content);
        return there >= length || input.LookAhead(length, [], out isLast) >= length || isLast;
    }

    /// <summary>
    /// Holds back what <paramref name="write"/> writes on this thread before it returns: for a caller that has the turn, in which writing for
    /// good could wait for memory.
    /// </summary>
    public Task HoldAsync(Func<Task> write)
    {
        Volatile.Write(ref _holder, Environment.CurrentManagedThreadId);
        try
        {
            return write();
        }
        finally
        {
            Volatile.Write(ref _holder, 0);
        }
    }

    /// <summary>Writes what <see cref="HoldAsync"/> has held back.</summary>
    public ValueTask WriteHeldAsync() => output.WriteAsync(_held);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _holder) == Environment.CurrentManagedThreadId)
        {
            _held = [.. _held, .. buffer.Span];
            return ValueTask.CompletedTask;
        }

        return output.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken).AsTask();

    // What SslStream does when it is disposed of. Nothing waits then: what is written asynchronously is flushed asynchronously.
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadSlowAsync(ValueTask<int> read, Memory<byte> buffer)
    {
        try
        {
            return Note(await read.ConfigureAwait(false), buffer.Span);
        }
        finally
        {
            turn.Enter();
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
        _bounds.Pass(buffer[..count]);
        return count;
    }
}
