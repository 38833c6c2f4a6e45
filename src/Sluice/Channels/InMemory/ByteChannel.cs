using System.Net;
using Sluice.Channels;
using Sluice.InMemory;

namespace Sluice;

/// <summary>
/// A bounded pipe in memory: what is written to <see cref="Writer"/> is read from <see cref="Reader"/>. For tests, and for plugging stages
/// together. One reads and one writes at a time, on whichever threads.
/// </summary>
/// <remarks>
/// A writer whose reader does not read is suspended when the pipe and its own buffer are full. A flush completes when the pipe has taken the
/// bytes, as a socket's does when the kernel has. Whoever waits goes on on the thread pool.
/// </remarks>
public sealed class ByteChannel
{
    private readonly SinkWriteChannel _writer;

    /// <summary>Creates a pipe.</summary>
    /// <param name="options">What it is like; null for the defaults.</param>
    public ByteChannel(ByteChannelOptions? options = null)
        : this(options ?? new ByteChannelOptions(), from: null, to: null)
    {
    }

    private ByteChannel(ByteChannelOptions options, EndPoint? from, EndPoint? to)
    {
        var pipe = new MemoryPipe(options, from, to);
        _writer = new SinkWriteChannel(pipe, pool: null, options.AutoFlush);
        Reader = new SourceReadChannel(pipe, pool: null);
    }

    /// <summary>What was written.</summary>
    public ByteReadChannel Reader { get; }

    /// <summary>Where to write. Completing it is the end of the stream for the reader.</summary>
    public ByteWriteChannel Writer => _writer;

    /// <summary>
    /// Creates two connections that talk to each other with no network: for testing what works on a connection. Each can complete its
    /// output and go on reading, close, and abort, and the other sees what it would see of a socket.
    /// </summary>
    /// <param name="options">What each direction is like; null for the defaults.</param>
    /// <returns>The two ends. They have no <see cref="Connection.Socket"/>.</returns>
    public static (Connection First, Connection Second) CreateConnectedPair(ByteChannelOptions? options = null)
    {
        options ??= new ByteChannelOptions();
        (EndPoint first, EndPoint second) = MemoryEndPoint.CreatePair();
        first = options.FirstEndPoint ?? first;
        second = options.SecondEndPoint ?? second;
        var there = new ByteChannel(options, first, second);
        var back = new ByteChannel(options, second, first);
        return (Connect(back, there, first, second), Connect(there, back, second, first));

        Connection Connect(ByteChannel incoming, ByteChannel outgoing, EndPoint local, EndPoint remote) =>
            new(new MemoryConnection(incoming, outgoing, local, remote, options), incoming.Reader, outgoing.Writer);
    }

    /// <summary>Ends writing as a close does; false if the reader does not take what was written in time.</summary>
    internal async Task<bool> DrainAsync(TimeSpan timeout, TimeProvider timeProvider)
    {
        _writer.CompleteNow();
        Task drained = _writer.BeginClose();
        try
        {
            await drained.WaitAsync(timeout, timeProvider).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <summary>Ends writing as an abort does: the reader is thrown the cause.</summary>
    internal void Abandon(Exception cause) => _writer.Abort(cause);
}
