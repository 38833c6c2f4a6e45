#pragma warning disable RS0030 // The synchronous half of Stream has to wait. A loop whose thread waits here goes on on another.

namespace Sluice.Channels;

/// <summary>One or both channels of a connection as a <see cref="Stream"/>. Disposing it flushes and leaves the channels open.</summary>
internal sealed class ChannelStream(ByteReadChannel? input, ByteWriteChannel? output) : Stream
{
    private bool _disposed;

    public override bool CanRead => input is not null && !_disposed;

    public override bool CanWrite => output is not null && !_disposed;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private ByteReadChannel Input
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return input ?? throw new NotSupportedException("This stream cannot be read.");
        }
    }

    private ByteWriteChannel Output
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return output ?? throw new NotSupportedException("This stream cannot be written.");
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Input.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Input.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override int Read(Span<byte> buffer)
    {
        byte[] copy = new byte[buffer.Length];
        int count = Read(copy, 0, copy.Length);
        copy.AsSpan(0, count).CopyTo(buffer);
        return count;
    }

    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Output.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Output.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override Task FlushAsync(CancellationToken cancellationToken) => output is null ? Task.CompletedTask : Output.FlushAsync(cancellationToken).AsTask();

    public override void Flush() => FlushAsync(CancellationToken.None).GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        if (output is not null)
        {
            await output.FlushQuietlyAsync().ConfigureAwait(false);
        }

        _disposed = true;
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            if (output is not null)
            {
                output.FlushQuietlyAsync().GetAwaiter().GetResult();
            }

            _disposed = true;
        }

        base.Dispose(disposing);
    }
}
