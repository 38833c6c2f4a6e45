using System.IO.Pipelines;
using Sluice.Channels;

namespace Sluice;

/// <summary>A socket with both its channels open: what a handler works with.</summary>
public sealed class Connection : IAsyncDisposable
{
    private IDuplexPipe? _pipe;

    internal Connection(StreamSocket socket, ByteReadChannel input, ByteWriteChannel output)
    {
        Socket = socket;
        Input = input;
        Output = output;
    }

    /// <summary>The socket.</summary>
    public StreamSocket Socket { get; }

    /// <summary>What the peer sends.</summary>
    public ByteReadChannel Input { get; }

    /// <summary>What the peer is sent. Its <see cref="ByteWriteChannel.AutoFlush"/> is on.</summary>
    public ByteWriteChannel Output { get; }

    /// <summary>
    /// Both channels as pipes, over the same buffers; see <see cref="ByteReadChannel.AsPipeReader"/> and
    /// <see cref="ByteWriteChannel.AsPipeWriter"/>.
    /// </summary>
    /// <returns>The same object each time.</returns>
    public IDuplexPipe AsDuplexPipe() => _pipe ??= new DuplexPipe(Input.AsPipeReader(), Output.AsPipeWriter());

    /// <summary>Both channels as one stream, over the same buffers. Disposing it flushes and leaves the connection open.</summary>
    /// <returns>A new stream.</returns>
    public Stream AsStream() => new ChannelStream(Input, Output);

    /// <summary>Closes the socket; see <see cref="StreamSocket.CloseAsync"/>.</summary>
    public ValueTask DisposeAsync() => Socket.DisposeAsync();
}
