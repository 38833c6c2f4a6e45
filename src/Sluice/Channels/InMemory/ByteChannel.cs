using System.Net;
using Sluice.Channels.InMemory;

namespace Sluice;

/// <summary>
/// Represents a bounded pipe in memory: bytes written to <see cref="Writer"/> are read from <see cref="Reader"/>. For tests, and for connecting
/// stages. One reader and one writer at a time, on any threads.
/// </summary>
/// <remarks>
/// A writer whose reader does not read waits when the pipe and the writer's buffer are full. A flush completes when the pipe has taken the bytes, as
/// that of a socket does when the kernel has taken them. After a wait, readers and writers continue on the thread pool.
/// </remarks>
public sealed partial class ByteChannel
{
    private readonly MemoryPipe _pipe;

    /// <summary>Creates a pipe.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    public ByteChannel(ByteChannelOptions? options = null)
        : this(options ?? new ByteChannelOptions(), from: null, to: null)
    {
    }

    private ByteChannel(ByteChannelOptions options, EndPoint? from, EndPoint? to)
    {
        _pipe = new MemoryPipe(options, from, to);
        Writer = new ByteWriteChannel(_pipe, pool: null, options.AutoFlush);
        Reader = new ByteReadChannel(_pipe, pool: null);
    }

    /// <summary>Gets the channel that reads the written bytes.</summary>
    public ByteReadChannel Reader { get; }

    /// <summary>Gets the channel to write to. Completing it ends the stream for the reader.</summary>
    public ByteWriteChannel Writer { get; }

    /// <summary>Ends writing as a close does; false if the reader does not take the written bytes in time.</summary>
    internal async Task<bool> DrainAsync(TimeSpan timeout, TimeProvider timeProvider)
    {
        // In this order: a write at this moment is told of the close.
        Task drained = Writer.BeginClose();
        Writer.CompleteNow();
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

    /// <summary>Makes this one direction of a connection. To be called before the first use.</summary>
    /// <param name="reset">Ends the connection of the writer, which has aborted its output: a reset ends both directions.</param>
    /// <param name="writerClosed">Makes the exception for a writer whose connection is closed on its side.</param>
    /// <param name="readerClosed">Makes the exception for a reader whose connection is closed on its side.</param>
    internal void Join(Action reset, Func<ObjectDisposedException> writerClosed, Func<ObjectDisposedException> readerClosed)
    {
        _pipe.OnAborted = reset;
        _pipe.WriterClosed = writerClosed;
        _pipe.ReaderClosed = readerClosed;
    }

    /// <summary>Ends writing as the abort of a connection does: the peer's reads see a reset.</summary>
    internal void Reset()
    {
        Writer.DiscardAndClose();
        _pipe.Reset(cause: null);
    }
}
