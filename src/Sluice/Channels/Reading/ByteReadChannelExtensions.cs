using System.IO.Pipelines;
using Sluice.Channels.Adapters;
using Sluice.Channels.Reading;

namespace Sluice;

/// <summary>Pipes and streams of others as channels.</summary>
public static class ByteReadChannelExtensions
{
    /// <summary>
    /// A channel that reads from a pipe. What it has received is in its own buffer: from the first read on, nobody else should read from
    /// the pipe. A pipe that is completed with an exception gives that to who reads.
    /// </summary>
    /// <param name="reader">The pipe. <see cref="ByteReadChannel.Cancel"/> completes it, with the same cause.</param>
    /// <returns>The channel; for a view of a channel, that channel.</returns>
    public static ByteReadChannel AsByteReadChannel(this PipeReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader is ChannelPipeReader view ? view.Channel : new SourceReadChannel(new PipeSource(reader), pool: null);
    }

    /// <summary>
    /// A channel that reads from a stream. What it has received is in its own buffer: from the first read on, nobody else should read from
    /// the stream. A read of the channel that is cancelled leaves the stream's read going, and the next one gets what it brings: no stream
    /// loses bytes, whatever it makes of a cancelled token.
    /// </summary>
    /// <param name="stream">The stream. It is never disposed of.</param>
    /// <returns>The channel.</returns>
    /// <exception cref="ArgumentException">The stream cannot be read.</exception>
    public static ByteReadChannel AsByteReadChannel(this Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return stream.CanRead
            ? new SourceReadChannel(new StreamSource(stream), pool: null)
            : throw new ArgumentException("The stream cannot be read.", nameof(stream));
    }
}
