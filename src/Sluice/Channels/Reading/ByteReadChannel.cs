using System.Buffers;
using System.IO.Pipelines;
using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice;

/// <summary>
/// Reads bytes in any amount, in exact amounts, line by line, or through a <see cref="PipeReader"/> or a <see cref="Stream"/> over the same
/// buffer.
/// </summary>
/// <remarks>
/// <para>One read at a time: a second read that starts while one is in progress throws <see cref="InvalidOperationException"/> at once and
/// disturbs nothing. Reading and writing run side by side.</para>
/// <para>A read that fails, is cancelled or times out loses no bytes and consumes none; the next read starts at the same place. (Skipping is
/// the exception: skipped bytes are gone, and <see cref="TotalBytesRead"/> counts them.) The channel receives nothing before the first read.
/// A read buffers at most its limit and one receive of at most 64 KiB.</para>
/// <para>A <see cref="ReadOnlySequence{T}"/> that a read returns is the buffer itself. It stays valid until the next read begins, the
/// connection or socket is disposed of, or the server's handler for the connection returns. <see cref="Cancel"/>, a close without disposal,
/// an abort, and the end of the server or the selector manager leave it unchanged, on whichever thread they happen.</para>
/// </remarks>
public sealed partial class ByteReadChannel
{
    // A smaller read goes through the buffer, so that several of them share one receive.
    private const int DirectReadThreshold = 1024;

    // Used by the reader (see _state), and after the close by the thread that moved _state to Closed. Any thread may read the length.
    private readonly SegmentQueue _queue;
    private readonly IByteSource _source;

    // What makes this channel a view of another one: then it is the source, and the queue is the other channel's. Otherwise null.
    private readonly Slice? _slice;

    /// <summary>Creates a channel over a source.</summary>
    /// <param name="source">Provides the bytes.</param>
    /// <param name="pool">Provides the memory of the buffer; null for the shared array pool.</param>
    internal ByteReadChannel(IByteSource source, MemoryPool<byte>? pool)
        : this(source, new SegmentQueue(pool))
    {
    }

    private ByteReadChannel(IByteSource source, SegmentQueue queue)
    {
        _source = source;
        _queue = queue;
        _slice = source as Slice;
    }

    /// <summary>Gets an object that this channel keeps reachable: a socket that nothing references is closed by its finalizer.</summary>
    internal object? KeptAlive { get; init; }

    /// <summary>
    /// Gets the bytes that are received and not yet consumed; none until it is decided whether an LF at their front belongs to the line before them. Only the
    /// reader may call this.
    /// </summary>
    internal ReadOnlySequence<byte> Buffered =>
        _slice is not null ? _slice.Buffered : _openReturn is null ? _queue.Bytes : ReadOnlySequence<byte>.Empty;

    /// <summary>Gets the stream position behind the last byte received, which changes only with a receive. Only the reader may call this.</summary>
    internal long ReceivedEnd => _slice is null ? TotalBytesRead + _queue.Length : _slice.Inner.ReceivedEnd;

    // The stream position of the next byte to read.
    private long Position => _slice is null ? TotalBytesRead : _slice.Inner.Position;

    /// <summary>Gets the name of the peer for messages; null if it has none.</summary>
    private string? PeerName => _source.PeerName;

    /// <summary>Creates the exception for a wait that ended with <paramref name="outcome"/>.</summary>
    internal Exception ReadFailure(WaitOutcome outcome) => _source.ReadFailure(outcome);

    /// <summary>Drops bytes at the front of the buffer and counts them as read.</summary>
    internal void Consume(long count)
    {
        if (_slice is null)
        {
            _queue.Consume(count);
        }
        else
        {
            _slice.Consume(count);
        }

        TotalBytesRead += count;
    }

    // Whether a read may take bytes from the queue without a look at anything else. Not so in a view of another channel, and before an LF that
    // belongs to the line before it.
    private bool IsPlain => _slice is null && _openReturn is null;

    /// <summary>
    /// Consumes bytes and returns them, if the channel is plain and the first segment holds more. They are valid until the next call.
    /// </summary>
    private bool TryConsumeContiguous(int count, out ReadOnlySpan<byte> bytes)
    {
        if (IsPlain && _queue.TryConsumeContiguous(count, out bytes))
        {
            TotalBytesRead += count;
            return true;
        }

        bytes = default;
        return false;
    }

    /// <summary>Puts the bytes that were consumed last back at the front of the buffer.</summary>
    private void Unread(ReadOnlySpan<byte> bytes)
    {
        if (_slice is null)
        {
            _queue.Unread(bytes);
        }
        else
        {
            _slice.Unread(bytes);
        }

        TotalBytesRead -= bytes.Length;
    }

    /// <summary>Waits until the source has more, or the channel is closed.</summary>
    internal PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken)
    {
        // First the wait and then the look at the flag; the closing thread sets the flag first and then interrupts.
        PooledTask<WaitOutcome> wait = _source.WaitReadableAsync(TokenOfWait(cancellationToken));
        if (IsShut)
        {
            InterruptRead();
        }

        return wait;
    }

    /// <summary>Ends the wait in progress, if there is one, with <see cref="WaitOutcome.Interrupted"/>. Any thread may call this.</summary>
    internal void InterruptRead() => _source.InterruptRead();

    /// <summary>Throws for a wait after which the read must not go on.</summary>
    internal void ThrowUnlessUsable(WaitOutcome outcome)
    {
        if (outcome == WaitOutcome.Closed || (outcome == WaitOutcome.TimedOut && !IsBelowTls))
        {
            throw ReadFailure(outcome);
        }

        if (IsShut)
        {
            ThrowClosed();
        }

        _slice?.Inner.ThrowUnlessUsable(outcome);
    }

    private int Receive()
    {
        try
        {
            int count = _source.TryReceive(_queue);
            RememberEnd(count);
            return count;
        }
        catch (Exception exception) when (Remember(exception))
        {
            ThrowClosed();
            throw;
        }
    }

    private int ReceiveDirect(Span<byte> destination)
    {
        try
        {
            int count = _source.TryReceive(destination);
            TotalBytesRead += Math.Max(count, 0);
            RememberEnd(count);
            return count;
        }
        catch (Exception exception) when (Remember(exception))
        {
            ThrowClosed();
            throw;
        }
    }
}
