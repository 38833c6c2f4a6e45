using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
using Sluice.Channels.Reading.Operations;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>Reads what is there, waiting until there is something.</summary>
    /// <param name="destination">Where to put it. If it is empty, the read waits for data and consumes none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many bytes were read, at least 1; 0 at the end of the stream.</returns>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        Begin();
        return ReadBegunAsync(destination, cancellationToken);
    }

    /// <summary>Reads until <paramref name="destination"/> is full.</summary>
    /// <param name="destination">Where to put the bytes. If the read fails its contents are undefined, and nothing was consumed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes there were. They can still be
    /// read.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask ReadExactlyAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        Begin();
        return TryReadBuffered(destination.Span, destination.Length, out _)
            ? ValueTask.CompletedTask
            : ReadExactlySlowAsync(destination, cancellationToken);
    }

    /// <summary>Reads what is there, without waiting.</summary>
    /// <param name="destination">Where to put it. Not empty.</param>
    /// <param name="count">How many bytes were read; 0 at the end of the stream.</param>
    /// <returns>Whether there were any, or the end; false if nothing has come yet.</returns>
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

    /// <summary>Reads just so many bytes into an array of their own, which is made once they are there.</summary>
    /// <param name="count">How many. They are buffered until the last one has come.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes there were.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<byte[]> ReadExactlyAsync(int count, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return RunAsync<BytesOperation, byte[]>(new BytesOperation(count), cancellationToken);
    }

    /// <summary>Reads until there are at least <paramref name="minimum"/> bytes, and what else is there.</summary>
    /// <param name="destination">Where to put the bytes. If the read fails its contents are undefined, and nothing was consumed.</param>
    /// <param name="minimum">How many bytes to wait for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many bytes were read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The minimum is negative, or more than there is room for.</exception>
    /// <exception cref="EndOfStreamException">The stream ended first; the message says how many bytes there were.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<int> ReadAtLeastAsync(Memory<byte> destination, int minimum, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minimum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimum, destination.Length);
        if (IsRefusedBy(cancellationToken))
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        Begin();
        return TryReadBuffered(destination.Span, minimum, out int count)
            ? new ValueTask<int>(count)
            : ReadAtLeastSlowAsync(destination, minimum, cancellationToken);
    }

    /// <summary>Reads everything until the end of the stream.</summary>
    /// <param name="limit">How many bytes that may be. They are buffered until the end.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The bytes; none if the stream has ended already.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <exception cref="LimitExceededException">There are more bytes. Nothing was consumed.</exception>
    /// <exception cref="InvalidOperationException">Another read is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<byte[]> ReadToEndAsync(int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return RunAsync<ToEndOperation, byte[]>(new ToEndOperation(limit), cancellationToken);
    }

    // A whole read, if there is enough in the buffer; else the reader stays in.
    private bool TryReadBuffered(Span<byte> destination, int minimum, out int count)
    {
        ReadOnlySequence<byte> buffered = Buffered;
        if (_skipLineFeed is not null || buffered.Length < minimum)
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
        if (buffered.IsEmpty || _skipLineFeed is not null)
        {
            if (destination.Length >= DirectReadThreshold && _skipLineFeed is null)
            {
                return ReadDirectOnce(destination);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadSlowAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            int count;
            do
            {
                ThrowUnlessUsable(await WaitAsync(cancellationToken).ConfigureAwait(false));
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

    private int ReadDirectOnce(Span<byte> destination)
    {
        try
        {
            int count = TryReadDirect(destination);
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

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadExactlySlowAsync(Memory<byte> destination, CancellationToken cancellationToken) =>
        await ReadAtLeastSlowAsync(destination, destination.Length, cancellationToken).ConfigureAwait(false);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
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
                    ThrowUnlessUsable(await WaitAsync(cancellationToken).ConfigureAwait(false));
                }
            }

            complete = true;
            return done;
        }
        finally
        {
            if (!complete)
            {
                UnreadCore(destination.Span[..done]);
                TotalBytesRead -= done;
                _pipeExaminedAll = false;
            }

            End();
        }
    }
}
