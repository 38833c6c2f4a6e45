using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Sluice.Channels;
using Sluice.Scheduling;

namespace Sluice;

/// <summary>
/// Bytes to be read: in any size, exactly so many, line by line, or through a <see cref="PipeReader"/> or a <see cref="Stream"/> over the
/// same buffer.
/// </summary>
/// <remarks>
/// <para>One read at a time: a second one that starts meanwhile throws <see cref="InvalidOperationException"/> at once and disturbs
/// nothing.
/// Reading and writing run side by side.</para>
/// <para>A read that is cancelled or times out loses no bytes: the next one continues where it would have. Nothing is received before
/// somebody reads.</para>
/// </remarks>
public abstract partial class ByteReadChannel
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Closed = 2;
    private const int BusyClosed = 3;

    // Below this, a read goes through the buffer: many small ones then share a receive.
    private const int DirectReadThreshold = 1024;

    private int _state;

    // A CR has ended a line, and the byte after it was not there yet: if it turns out to be an LF, it belongs to that line.
    private LineScanner? _skipLineFeed;

    private protected ByteReadChannel()
    {
    }

    /// <summary>What is received and not yet consumed.</summary>
    private protected abstract ReadOnlySequence<byte> Buffered { get; }

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
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        Begin();
        bool pending = false;
        try
        {
            int count = TryRead(destination.Span);
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
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        Begin();
        ReadOnlySequence<byte> buffered = Buffered;
        if (_skipLineFeed is null && buffered.Length >= destination.Length)
        {
            try
            {
                buffered.Slice(0, destination.Length).CopyTo(destination.Span);
                Consume(destination.Length);
                return ValueTask.CompletedTask;
            }
            finally
            {
                End();
            }
        }

        return ReadExactlySlowAsync(destination, cancellationToken);
    }

    /// <summary>Receives into the buffer: so many bytes, 0 at the end of the stream, or <see cref="IByteSource.WouldBlock"/>.</summary>
    private protected abstract int TryFillCore();

    /// <summary>Receives past the buffer, which is empty.</summary>
    private protected abstract int TryReadDirect(Span<byte> destination);

    /// <summary>Waits until there is more to receive.</summary>
    private protected abstract ValueTask<GateSignal> WaitAsync(CancellationToken cancellationToken);

    /// <summary>What to throw for a wait that ended so.</summary>
    private protected abstract Exception Failure(GateSignal signal);

    /// <summary>Ends the wait in progress with <see cref="GateSignal.Interrupted"/>.</summary>
    private protected abstract void Interrupt();

    /// <summary>Drops bytes at the front of the buffer.</summary>
    private protected abstract void Consume(long count);

    /// <summary>Puts bytes back at the front of the buffer.</summary>
    private protected abstract void Unread(ReadOnlySpan<byte> bytes);

    /// <summary>Drops the buffer. Called once, when the channel is closed and nobody reads.</summary>
    private protected abstract void ReleaseBuffer();

    /// <summary>Ends reading for good. Whoever waits has to be woken by the caller.</summary>
    internal void CloseForRead()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state is Closed or BusyClosed)
            {
                return;
            }

            if (Interlocked.CompareExchange(ref _state, state == Idle ? Closed : BusyClosed, state) == state)
            {
                if (state == Idle)
                {
                    ReleaseBuffer();
                }

                return;
            }
        }
    }

    /// <summary>Becomes the one reader.</summary>
    private protected void Begin()
    {
        int state = Interlocked.CompareExchange(ref _state, Busy, Idle);
        if (state != Idle)
        {
            throw state == Busy
                ? new InvalidOperationException("Another read on this channel is in progress; only one at a time is possible.")
                : new ObjectDisposedException(nameof(ByteReadChannel));
        }
    }

    /// <summary>Lets the next reader in.</summary>
    private protected void End()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Busy) != Busy)
        {
            ReleaseBuffer();
            Volatile.Write(ref _state, Closed);
        }
    }

    /// <summary>Receives into the buffer: so many bytes, 0 at the end of the stream, or <see cref="IByteSource.WouldBlock"/>.</summary>
    private protected int TryFill()
    {
        int count = TryFillCore();
        _pipeExaminedAll &= count <= 0;
        if (_skipLineFeed is { } scanner && count != IByteSource.WouldBlock)
        {
            ReadOnlySequence<byte> buffered = Buffered;
            if (count > 0 && buffered.Length < scanner.Unit)
            {
                return IByteSource.WouldBlock;
            }

            _skipLineFeed = null;
            if (scanner.StartsWithLineFeed(buffered))
            {
                Consume(scanner.Unit);
                return Buffered.IsEmpty ? TryFillCore() : (int)Buffered.Length;
            }

            // All of it is new to the reader: what came before was kept back.
            return (int)buffered.Length;
        }

        return count;
    }

    /// <summary>Waits for more, and throws for every end of the wait but the ordinary ones.</summary>
    private protected void ThrowUnlessUsable(GateSignal signal)
    {
        if (signal is GateSignal.Closed or GateSignal.TimedOut)
        {
            throw Failure(signal);
        }

        ObjectDisposedException.ThrowIf(Volatile.Read(ref _state) == BusyClosed, typeof(ByteReadChannel));
    }

    private int TryRead(Span<byte> destination)
    {
        ReadOnlySequence<byte> buffered = Buffered;
        if (buffered.IsEmpty || _skipLineFeed is not null)
        {
            if (destination.Length >= DirectReadThreshold && _skipLineFeed is null)
            {
                return TryReadDirect(destination);
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
                count = TryRead(destination.Span);
            }
            while (count == IByteSource.WouldBlock);

            return count;
        }
        finally
        {
            End();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadExactlySlowAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        int done = 0;
        bool complete = false;
        try
        {
            while (done < destination.Length)
            {
                int count = TryRead(destination.Span[done..]);
                if (count > 0)
                {
                    done += count;
                }
                else if (count == 0)
                {
                    throw new EndOfStreamException($"The stream ended after {done} of the {destination.Length} bytes that were wanted.");
                }
                else
                {
                    ThrowUnlessUsable(await WaitAsync(cancellationToken).ConfigureAwait(false));
                }
            }

            complete = true;
        }
        finally
        {
            if (!complete)
            {
                Unread(destination.Span[..done]);
                _pipeExaminedAll = false;
            }

            End();
        }
    }
}
