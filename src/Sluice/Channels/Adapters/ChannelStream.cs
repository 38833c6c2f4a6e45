namespace Sluice.Channels.Adapters;

/// <summary>Presents one or both channels of a connection as a <see cref="Stream"/> that behaves like those of the framework.</summary>
/// <param name="input">The channel to read; null if the stream cannot be read.</param>
/// <param name="output">The channel to write; null if the stream cannot be written.</param>
/// <param name="owned">The connection that disposing the stream closes; null to leave the channels open.</param>
internal sealed partial class ChannelStream(ByteReadChannel? input, ByteWriteChannel? output, IStreamOwner? owned) : Stream
{
    private int _disposed;

    public override bool CanRead => input is not null && !IsDisposed;

    public override bool CanWrite => output is not null && !IsDisposed;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    private ByteReadChannel Input
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(Stream));
            return input ?? throw new NotSupportedException("This stream cannot be read.");
        }
    }

    private ByteWriteChannel Output
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsDisposed, typeof(Stream));
            return output ?? throw new NotSupportedException("This stream cannot be written.");
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Input.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Input.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        Output.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Output.WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(Stream));
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        return output is null ? Task.CompletedTask : output.FlushAsync(cancellationToken).AsTask();
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        bool first = Interlocked.Exchange(ref _disposed, 1) == 0;
        if (owned is not null)
        {
            await owned.CloseAsync().ConfigureAwait(false);
        }
        else if (first && output is not null)
        {
            await output.FlushQuietlyAsync().ConfigureAwait(false);
        }

        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            if (owned is not null)
            {
                // Not until the peer has all of it: that would block the thread too long. The rest of the close continues by itself.
                BlockedThread.Until(owned.CloseUntilSentAsync());
            }
            else if (output is not null)
            {
                BlockedThread.Until(output.FlushQuietlyAsync());
            }
        }

        base.Dispose(disposing);
    }
}
