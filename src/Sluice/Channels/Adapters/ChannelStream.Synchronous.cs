namespace Sluice.Channels.Adapters;

// Blocking calls, and those of the older asynchronous pattern.
internal sealed partial class ChannelStream
{
    private int _readTimeout = Timeout.Infinite;
    private int _writeTimeout = Timeout.Infinite;

    public override bool CanTimeout => true;

    public override int ReadTimeout
    {
        get => _readTimeout;
        set => _readTimeout = CheckTimeout(value);
    }

    public override int WriteTimeout
    {
        get => _writeTimeout;
        set => _writeTimeout = CheckTimeout(value);
    }

    public override int Read(Span<byte> buffer) => Input.ReadBlocking(buffer, TimeSpan.FromMilliseconds(_readTimeout));

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    public override void Write(ReadOnlySpan<byte> buffer) => Output.WriteBlocking(buffer, TimeSpan.FromMilliseconds(_writeTimeout));

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override void WriteByte(byte value) => Write([value]);

    public override void Flush()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(Stream));
        output?.FlushBlocking(TimeSpan.FromMilliseconds(_writeTimeout));
    }

    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    private int CheckTimeout(int value)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, typeof(Stream));
        return value is > 0 or Timeout.Infinite
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A timeout is positive, or Timeout.Infinite for none.");
    }
}
