using System.IO.Pipelines;
using System.Text;
using Sluice.Channels.Adapters;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    // Made by the first caller; any thread may ask for it.
    private ChannelPipeWriter? _pipeWriter;

    /// <summary>
    /// Gets this channel as a <see cref="PipeWriter"/> over the same buffer. Its bytes leave when it is flushed, whatever <see cref="AutoFlush"/>
    /// says. Completing it completes the channel; completing it with an exception drops the bytes that are not sent.
    /// </summary>
    /// <remarks>
    /// Once no reader is left, because the peer is gone or the connection is closed, a flush returns <see cref="FlushResult.IsCompleted"/> and
    /// throws nothing, as that of a <see cref="Pipe"/> whose reader has completed does; <see cref="CloseCause"/> gives the reason. A flush throws
    /// <see cref="IOException"/> when the socket timeout passes, or when a reader in memory or a stream has failed with an exception of its own.
    /// </remarks>
    /// <returns>The same object each time.</returns>
    public PipeWriter AsPipeWriter() =>
        Volatile.Read(ref _pipeWriter) ?? Interlocked.CompareExchange(ref _pipeWriter, new ChannelPipeWriter(this), null) ?? _pipeWriter;

    /// <summary>
    /// Gets this channel as a writable <see cref="Stream"/> over the same buffer. Disposing it flushes, for at most
    /// <see cref="StreamSocketOptions.CloseTimeout"/>, and leaves the channel open. Its synchronous calls block the thread, for at most
    /// <see cref="Stream.WriteTimeout"/>.
    /// </summary>
    /// <returns>A new stream.</returns>
    public Stream AsStream() => new ChannelStream(input: null, this, owned: null);

    /// <summary>
    /// Gets this channel as a <see cref="TextWriter"/>. When a call returns, its text is in the channel, except for the first half of a surrogate
    /// pair; it leaves when the channel flushes. Flushing or disposing of the writer ends such a half, and a shift state of the encoding, as
    /// <see cref="StreamWriter"/> does. Numbers and dates are formatted with
    /// <see cref="System.Globalization.CultureInfo.InvariantCulture"/>, and lines end with <see cref="NewLine"/>. Its synchronous calls block the
    /// thread while the buffer is full. Disposing it flushes and leaves the channel open.
    /// </summary>
    /// <param name="encoding">The encoding; null for UTF-8. No preamble is written.</param>
    /// <returns>A new writer.</returns>
    public TextWriter AsTextWriter(Encoding? encoding = null) => new ChannelTextWriter(this, encoding ?? Encoding.UTF8);

    /// <summary>Leases memory to a pipe's writer. Once no reader is left, its bytes are dropped.</summary>
    internal Memory<byte> GetPipeMemory(int sizeHint)
    {
        if (IsClosedForWrite && !IsReaderGone)
        {
            ThrowIfUnusable();
        }

        return _queue.LeaseToPipe(sizeHint);
    }

    /// <summary>Takes over the bytes that a pipe's writer has put into its memory. They leave with its flush.</summary>
    internal void AdvancePipe(int count) => _queue.Commit(count, flush: false);

    /// <summary>Gives back a pipe writer's memory when it is done with it. A write that is in progress gives up its memory itself.</summary>
    internal void EndLease() => _queue.EndLease();
}
