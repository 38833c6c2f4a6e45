using System.Net;
using Sluice.Channels.InMemory;
using Sluice.Channels.Reading;
using Sluice.Channels.Writing;

namespace Sluice;

/// <summary>
/// A bounded pipe in memory: what is written to <see cref="Writer"/> is read from <see cref="Reader"/>. For tests, and for plugging stages
/// together. One reads and one writes at a time, on whichever threads.
/// </summary>
/// <remarks>
/// A writer whose reader does not read is suspended when the pipe and its own buffer are full. A flush completes when the pipe has taken the
/// bytes, as a socket's does when the kernel has. Whoever waits goes on on the thread pool.
/// </remarks>
public sealed partial class ByteChannel
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
    internal void AbortWriter(Exception cause) => _writer.Abort(cause);
}
