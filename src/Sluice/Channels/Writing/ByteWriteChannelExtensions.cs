using System.IO.Pipelines;
using Sluice.Channels.Writing;

namespace Sluice;

/// <summary>Opens channels that write to the framework's pipes and streams.</summary>
public static class ByteWriteChannelExtensions
{
    /// <summary>
    /// Opens a channel that writes to a pipe. Completing the channel completes the pipe, once all bytes are handed over. While the pipe's reader
    /// keeps the channel waiting, at most <see cref="ByteWriteChannel.HighWaterMark"/> bytes stay in the channel.
    /// </summary>
    /// <param name="writer">The pipe. Only the channel should write to it.</param>
    /// <param name="autoFlush">Whether written bytes are handed over, and the pipe is flushed, without a flush of the channel.</param>
    /// <returns>The channel.</returns>
    public static ByteWriteChannel AsByteWriteChannel(this PipeWriter writer, bool autoFlush = false)
    {
        ArgumentNullException.ThrowIfNull(writer);
        return new ByteWriteChannel(new PipeSink(writer), pool: null, autoFlush);
    }

    /// <summary>
    /// Opens a channel that writes to a stream, and flushes the stream when it has handed its bytes over. Completing the channel leaves the stream
    /// open. The stream's writes are never canceled: canceling a flush of the channel leaves its bytes on their way.
    /// </summary>
    /// <param name="stream">The stream. Only the channel should write to it. The channel never disposes of it.</param>
    /// <param name="autoFlush">Whether written bytes are handed over, and the stream is flushed, without a flush of the channel.</param>
    /// <returns>The channel.</returns>
    /// <exception cref="ArgumentException">The stream cannot be written.</exception>
    public static ByteWriteChannel AsByteWriteChannel(this Stream stream, bool autoFlush = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanWrite
            ? new ByteWriteChannel(new StreamSink(stream), pool: null, autoFlush)
            : throw new ArgumentException("The stream cannot be written.", nameof(stream));
    }
}
