using System.Buffers;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>
    /// Creates a view of this channel that ends after <paramref name="count"/> bytes, for a body of known length. The view reads from the same
    /// buffer, and consumes nothing beyond its end. Between two reads of the view, and after its end, this channel goes on where the view stopped.
    /// </summary>
    /// <param name="count">The number of bytes after which the view ends. It ends earlier if this channel does.</param>
    /// <returns>The view. Its <see cref="TotalBytesRead"/> counts the bytes read through it. Cancelling it leaves this channel open.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ByteReadChannel AsLimited(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new ByteReadChannel(new Slice(this, count, copy: null), _queue);
    }

    /// <summary>
    /// Creates a view of this channel whose <see cref="TotalBytesRead"/> starts at 0. The view reads from the same buffer. Between two reads,
    /// either of them can be used.
    /// </summary>
    /// <returns>The view. Cancelling it leaves this channel open.</returns>
    public ByteReadChannel AsCounted() => new(new Slice(this, long.MaxValue, copy: null), _queue);

    /// <summary>
    /// Creates a view of this channel that copies each byte read through it to <paramref name="copy"/>, once, when the byte is consumed. Bytes
    /// that a failed read puts back are copied once as well.
    /// </summary>
    /// <param name="copy">
    /// Receives the copy: a <see cref="System.IO.Pipelines.PipeWriter"/>, which is not flushed, an <see cref="ArrayBufferWriter{T}"/>, or another writer.
    /// </param>
    /// <returns>The view. It reads from the same buffer. Cancelling it leaves this channel open.</returns>
    public ByteReadChannel AsTee(IBufferWriter<byte> copy)
    {
        ArgumentNullException.ThrowIfNull(copy);
        return new ByteReadChannel(new Slice(this, long.MaxValue, copy), _queue);
    }
}
