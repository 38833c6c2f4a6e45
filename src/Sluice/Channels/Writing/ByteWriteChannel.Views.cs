using System.IO.Pipelines;
using System.Text;
using Sluice.Channels.Adapters;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    private ChannelPipeWriter? _pipeWriter;

    /// <summary>
    /// This channel as a <see cref="PipeWriter"/>, over the same buffer. What it is given leaves when it is flushed, whatever
    /// <see cref="AutoFlush"/> says; completing it completes the channel, with an exception drops what was not sent. Once no reader is
    /// left, because the peer is gone or the connection is closed, a flush says <see cref="FlushResult.IsCompleted"/> and throws nothing, as that
    /// of a <see cref="Pipe"/> whose reader has completed; <see cref="CloseCause"/> says why. It throws <see cref="IOException"/> when the
    /// socket timeout passes, or a reader in memory or a stream has failed with an exception of its own.
    /// </summary>
    /// <returns>The same object each time.</returns>
    public PipeWriter AsPipeWriter() => _pipeWriter ??= new ChannelPipeWriter(this);

    /// <summary>
    /// This channel as a <see cref="Stream"/> that can be written, over the same buffer. Disposing it flushes, for at most
    /// <see cref="StreamSocketOptions.CloseTimeout"/>, and leaves the channel open. Its synchronous calls block the thread, for at most
    /// <see cref="Stream.WriteTimeout"/>.
    /// </summary>
    /// <returns>A new stream.</returns>
    public Stream AsStream() => new ChannelStream(input: null, this, owned: null);

    /// <summary>
    /// This channel as a <see cref="TextWriter"/>. What it is given is in the channel when a call returns, but for the first half of a
    /// surrogate pair, and leaves when the channel flushes. Numbers and dates are written as
    /// <see cref="System.Globalization.CultureInfo.InvariantCulture"/> has them, lines end with <see cref="NewLine"/>. Its synchronous calls
    /// block the thread while the buffer is full. Disposing it flushes and leaves the channel open.
    /// </summary>
    /// <param name="encoding">How text becomes bytes; null for UTF-8. No preamble is written.</param>
    /// <returns>A new writer.</returns>
    public TextWriter AsTextWriter(Encoding? encoding = null) => new ChannelTextWriter(this, encoding ?? Encoding.UTF8);

    /// <summary>Memory for a pipe's writer, which is dropped once no reader is left.</summary>
    internal Memory<byte> GetPipeMemory(int sizeHint)
    {
        if (IsClosedForWrite && !IsReaderGone)
        {
            ThrowIfUnusable();
        }

        return Lease(sizeHint);
    }

    internal void AdvancePipe(int count) => Advance(count, flush: false);
}
