using System.Runtime.CompilerServices;

namespace Sluice.Tls;

#pragma warning disable RS0030 // The synchronous half of Stream has to wait. SslStream is used asynchronously alone, and never calls it.

/// <summary>Where <see cref="System.Net.Security.SslStream"/> reads records from and writes them to: the channels below.</summary>
internal sealed class RecordStream(ByteReadChannel input, ByteWriteChannel output, RecordTurn turn) : Stream
{
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
        ValueTask<int> read = input.ReadAsync(buffer, cancellationToken);
        if (read.IsCompletedSuccessfully)
        {
            return new ValueTask<int>(Note(read.Result, buffer.Length));
        }

        turn.Exit();
        return ReadSlowAsync(read, buffer.Length);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        output.WriteAsync(buffer, cancellationToken);

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
    private async ValueTask<int> ReadSlowAsync(ValueTask<int> read, int wanted)
    {
        try
        {
            return Note(await read.ConfigureAwait(false), wanted);
        }
        finally
        {
            turn.Enter();
        }
    }

    private int Note(int count, int wanted)
    {
        HasEnded |= count == 0 && wanted > 0;
        return count;
    }
}
