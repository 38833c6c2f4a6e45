using System.IO.Pipelines;
using Sluice.Channels.Writing;

namespace Sluice;

/// <summary>Channels over what the framework writes to.</summary>
public static class ByteWriteChannelExtensions
{
    /// <summary>
    /// A channel that writes to a pipe. Completing it completes the pipe, once all is handed over. While the pipe's reader keeps it waiting,
    /// at most <see cref="ByteWriteChannel.HighWaterMark"/> bytes stand in the channel.
    /// </summary>
    /// <param name="writer">The pipe. Nobody else should write to it.</param>
    /// <param name="autoFlush">Whether what is written is handed over, and the pipe flushed, without a flush.</param>
    /// <returns>The channel.</returns>
    public static ByteWriteChannel AsByteWriteChannel(this PipeWriter writer, bool autoFlush = false)
    {
        ArgumentNullException.ThrowIfNull(writer);
        return new SinkWriteChannel(new PipeSink(writer), pool: null, autoFlush);
    }

    /// <summary>
    /// A channel that writes to a stream, and flushes it when it has handed over what there was. Completing the channel leaves the stream
    /// open. The stream's writes are never cancelled: a flush of the channel that is leaves its bytes on their way.
    /// </summary>
    /// <param name="stream">The stream. Nobody else should write to it, and it is never disposed of.</param>
    /// <param name="autoFlush">Whether what is written is handed over, and the stream flushed, without a flush.</param>
    /// <returns>The channel.</returns>
    /// <exception cref="ArgumentException">The stream cannot be written.</exception>
    public static ByteWriteChannel AsByteWriteChannel(this Stream stream, bool autoFlush = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanWrite
            ? new SinkWriteChannel(new StreamSink(stream), pool: null, autoFlush)
            : throw new ArgumentException("The stream cannot be written.", nameof(stream));
    }
}
