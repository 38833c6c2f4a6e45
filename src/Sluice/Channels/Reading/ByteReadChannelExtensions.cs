using System.IO.Pipelines;
using Sluice.Channels.Adapters;
using Sluice.Channels.Reading;

namespace Sluice;

/// <summary>Creates channels over pipes and streams.</summary>
public static class ByteReadChannelExtensions
{
    /// <summary>
    /// Creates a channel that reads from a pipe. The channel buffers what it receives: after its first read, only the channel should read from
    /// the pipe. If the pipe's writer completes it with an exception, the channel's reads throw that.
    /// </summary>
    /// <param name="reader">The pipe. <see cref="ByteReadChannel.Cancel"/> completes it, with the same cause.</param>
    /// <returns>The channel; for a view of a channel, that channel.</returns>
    public static ByteReadChannel AsByteReadChannel(this PipeReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader is ChannelPipeReader view ? view.Channel : new ByteReadChannel(new PipeSource(reader), pool: null);
    }

    /// <summary>
    /// Creates a channel that reads from a stream. The channel buffers what it receives: after its first read, only the channel should read
    /// from the stream. A cancelled read of the channel does not cancel the stream's read, whose bytes the channel's next read gets: no bytes
    /// are lost, whatever the stream does with a cancelled token.
    /// </summary>
    /// <param name="stream">The stream. It is never disposed of.</param>
    /// <returns>The channel.</returns>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    public static ByteReadChannel AsByteReadChannel(this Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanRead
            ? new ByteReadChannel(new StreamSource(stream), pool: null)
            : throw new ArgumentException("The stream cannot be read.", nameof(stream));
    }
}
