using System.IO.Pipelines;
using Sluice.Channels;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    private ChannelPipeWriter? _pipeWriter;

    /// <summary>
    /// This channel as a <see cref="PipeWriter"/>, over the same buffer. What it is given leaves when it is flushed, whatever
    /// <see cref="AutoFlush"/> says; completing it
    /// completes the channel, with an exception drops what was not sent.
    /// </summary>
    /// <returns>The same object each time.</returns>
    public PipeWriter AsPipeWriter() => _pipeWriter ??= new ChannelPipeWriter(this);

    /// <summary>
    /// This channel as a <see cref="Stream"/> that can be written, over the same buffer. Disposing it flushes and leaves the channel open.
    /// </summary>
    /// <returns>A new stream.</returns>
    public Stream AsStream() => new ChannelStream(input: null, this);

    internal Memory<byte> GetPipeMemory(int sizeHint)
    {
        ThrowIfUnusable();
        return Lease(sizeHint);
    }

    internal void AdvancePipe(int count) => Advance(count, flush: false);
}
