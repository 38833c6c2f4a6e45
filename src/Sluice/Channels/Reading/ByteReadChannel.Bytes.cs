using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Channels.Reading.Operations;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>Reads the bytes that are available, and waits while there are none.</summary>
    /// <param name="destination">Receives the bytes. If it is empty, the read waits for data and consumes none.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>How many bytes were read, at least 1; 0 at the end of the stream.</returns>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        // Before the read begins, here and below: a memory manager of the caller's may throw.
        Span<byte> span = destination.Span;
        Begin();
        if (TryReadContiguous(span))
        {
            End();
            return new ValueTask<int>(span.Length);
        }

        return ReadBegunAsync(destination, cancellationToken);
    }

    /// <summary>Reads until <paramref name="destination"/> is full.</summary>
    /// <param name="destination">Receives the bytes. If the read fails, its contents are undefined, and nothing was consumed.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes came. They can still be
    /// read.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask ReadExactlyAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        Span<byte> span = destination.Span;
        Begin();
        return TryReadBuffered(span, span.Length, out _)
            ? ValueTask.CompletedTask
            : ReadExactlySlowAsync(destination, cancellationToken);
    }

    /// <summary>Reads the bytes that are available, without waiting.</summary>
    /// <param name="destination">Receives the bytes. Not empty.</param>
    /// <param name="count">How many bytes were read; 0 at the end of the stream.</param>
    /// <returns>True for bytes and for the end of the stream; false if nothing has come yet.</returns>
    /// <exception cref="ArgumentException">The destination is empty.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public bool TryRead(Span<byte> destination, out int count)
    {
        if (destination.IsEmpty)
        {
            throw new ArgumentException("There is no room for a byte.", nameof(destination));
        }

        Begin();
        try
        {
            int read = TryReadCore(destination);
            count = Math.Max(read, 0);
            return read != IByteSource.WouldBlock;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Reads <paramref name="count"/> bytes into a new array, which is allocated once all of them have come.</summary>
    /// <param name="count">The number of bytes. They are buffered until the last one has come.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes came.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<byte[]> ReadExactlyAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return RunAsync<BytesOperation, byte[]>(new BytesOperation(count), cancellationToken);
    }

    /// <summary>Reads at least <paramref name="minimum"/> bytes, and what else is available.</summary>
    /// <param name="destination">Receives the bytes. If the read fails, its contents are undefined, and nothing was consumed.</param>
    /// <param name="minimum">The number of bytes to wait for.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>How many bytes were read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The minimum is negative, or greater than the length of the destination.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes came.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<int> ReadAtLeastAsync(Memory<byte> destination, int minimum, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimum, destination.Length);
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        Span<byte> span = destination.Span;
        Begin();
        return TryReadBuffered(span, minimum, out int count)
            ? new ValueTask<int>(count)
            : ReadAtLeastSlowAsync(destination, minimum, cancellationToken);
    }

    /// <summary>Reads all bytes until the end of the stream.</summary>
    /// <param name="limit">The most bytes to accept. They are buffered until the end.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The bytes; an empty array if the stream has ended already.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="LimitExceededException">There are more bytes. Nothing was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or is closed during the read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<byte[]> ReadToEndAsync(int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RunAsync<ToEndOperation, byte[]>(new ToEndOperation(limit), cancellationToken);
    }

    // The fast path of a read that is smaller than the first segment: no sequence is built.
    private bool TryReadContiguous(Span<byte> destination)
    {
        bool read = TryConsumeContiguous(destination.Length, out ReadOnlySpan<byte> bytes);
        bytes.CopyTo(destination);
        return read;
    }

    // True: the buffer held enough, and the read is done. False: the caller is still the reader.
    private bool TryReadBuffered(Span<byte> destination, int minimum, out int count)
    {
        if (TryReadContiguous(destination))
        {
            count = destination.Length;
            End();
            return true;
        }

        ReadOnlySequence<byte> buffered = Buffered;
        if (buffered.Length < minimum)
        {
            count = 0;
            return false;
        }

        try
        {
            count = (int)Math.Min(buffered.Length, destination.Length);
            buffered.Slice(0, count).CopyTo(destination);
            Consume(count);
            return true;
        }
        finally
        {
            End();
        }
    }

    private ValueTask<int> ReadBegunAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        bool pending = false;
        try
        {
            if (cancellationToken.IsCancellationRequested && Buffered.IsEmpty)
            {
                BeginLastReceive(cancellationToken);
            }

            int count = TryReadCore(destination.Span);
            if (count != IByteSource.WouldBlock)
            {
                return new ValueTask<int>(count);
            }

            pending = true;
            return ReadSlowAsync(destination, cancellationToken);
        }
        finally
        {
            if (!pending)
            {
                End();
            }
        }
    }

    private int TryReadCore(Span<byte> destination)
    {
        ReadOnlySequence<byte> buffered = Buffered;
        if (buffered.IsEmpty)
        {
            if (destination.Length >= DirectReadThreshold && !AwaitsLineFeed)
            {
                return ReceiveDirect(destination);
            }

            int filled = TryFill();
            if (filled <= 0)
            {
                return filled;
            }

            buffered = Buffered;
        }

        int count = (int)Math.Min(buffered.Length, destination.Length);
        if (buffered.IsSingleSegment)
        {
            buffered.FirstSpan[..count].CopyTo(destination);
        }
        else
        {
            buffered.Slice(0, count).CopyTo(destination);
        }

        Consume(count);
        return count;
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> ReadSlowAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            int count;
            do
            {
                ThrowUnlessUsable(await WaitReadableAsync(cancellationToken));
                count = TryReadCore(destination.Span);
            }
            while (count == IByteSource.WouldBlock);

            return count;
        }
        finally
        {
            End();
        }
    }

    [AsyncMethodBuilder(typeof(PooledMethodBuilder))]
    private async ValueTask ReadExactlySlowAsync(Memory<byte> destination, CancellationToken cancellationToken) =>
        await ReadAtLeastSlowAsync(destination, destination.Length, cancellationToken).ConfigureAwait(false);

    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    private async ValueTask<int> ReadAtLeastSlowAsync(Memory<byte> destination, int minimum, CancellationToken cancellationToken)
    {
        int done = 0;
        bool complete = false;
        try
        {
            if (cancellationToken.IsCancellationRequested)
            {
                BeginLastReceive(cancellationToken);
            }

            while (done < minimum)
            {
                int count = TryReadCore(destination.Span[done..]);
                if (count > 0)
                {
                    done += count;
                }
                else if (count == 0)
                {
                    throw Failures.From(PeerName, Failures.EndOfStream(done, minimum));
                }
                else
                {
                    ThrowUnlessUsable(await WaitReadableAsync(cancellationToken));
                }
            }

            complete = true;
            return done;
        }
        finally
        {
            EndPartialRead(destination, complete ? 0 : done);
        }
    }

    // Ends a read that has failed with some of its bytes in the destination. If the destination fails now, only the caller has them.
    private void EndPartialRead(Memory<byte> destination, int done)
    {
        try
        {
            if (done > 0)
            {
                Unread(destination.Span[..done]);
            }
        }
        finally
        {
            End();
        }
    }
}
