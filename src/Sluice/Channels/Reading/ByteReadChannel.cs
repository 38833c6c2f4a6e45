using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Sluice.Channels.Reading;
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
/// <para>A read that fails, is cancelled or times out loses no bytes and consumes none: the next one continues where it would have.
/// (Skipping is the exception: what was skipped is gone, and <see cref="TotalBytesRead"/> says how much that was.) Nothing is received
/// before somebody reads, and no read keeps more than its limit and one receive, of at most 64 KiB, in the buffer.</para>
/// <para>What is handed out as a <see cref="ReadOnlySequence{T}"/> is the buffer itself. It stays valid until the next read begins, the
/// connection or socket is disposed of, or the handler of a server that was handed the connection returns. <see cref="Cancel"/>, a close
/// without disposal, an abort, and the end of the server or the selector manager leave it as it is, on whatever thread they happen.</para>
/// </remarks>
public abstract partial class ByteReadChannel
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Closed = 2;
    private const int Claimed = 3;

    // Below this, a read goes through the buffer: many small ones then share a receive.
    private const int DirectReadThreshold = 1024;

    private int _state;

    // What the state is while nobody reads: Idle, or Claimed.
    private int _rest;

    // Set before the state is Closed, which a reader that is in the way then sees to.
    private bool _closing;

    // A CR has ended a line, and the byte after it was not there yet: if it turns out to be an LF, it belongs to that line.
    private LineScanner? _skipLineFeed;

    // What a view reads from: whoever reads the view is that channel's reader, too.
    private readonly ByteReadChannel? _inner;

    private protected ByteReadChannel(ByteReadChannel? inner = null) => _inner = inner;

    /// <summary>What is received and not yet consumed.</summary>
    private protected abstract ReadOnlySequence<byte> Buffered { get; }

    /// <summary>How long <see cref="Buffered"/> is. Any thread may ask.</summary>
    private protected abstract long BufferedLength { get; }

    /// <summary>Receives into the buffer: so many bytes, 0 at the end of the stream, or <see cref="IByteSource.WouldBlock"/>.</summary>
    private protected abstract int TryFillCore();

    /// <summary>Whether a receive has failed so because there was no memory for it: that says nothing of the source, and the next one may succeed.</summary>
    internal virtual bool IsLackOfMemory(Exception exception) => false;

    /// <summary>Receives past the buffer, which is empty.</summary>
    private protected abstract int TryReadDirect(Span<byte> destination);

    /// <summary>Waits until there is more to receive.</summary>
    private protected abstract ValueTask<WaitOutcome> WaitCoreAsync(CancellationToken cancellationToken);

    /// <summary>The other end in a message; null if it has no name.</summary>
    private protected virtual string? PeerName => _inner?.PeerName;

    /// <summary>What to throw for a wait that ended so.</summary>
    private protected abstract Exception Failure(WaitOutcome signal);

    /// <summary>Ends the wait in progress with <see cref="WaitOutcome.Interrupted"/>.</summary>
    private protected abstract void Interrupt();

    /// <summary>Drops bytes at the front of the buffer.</summary>
    private protected abstract void ConsumeCore(long count);

    /// <summary>Takes bytes at the front of the buffer that lie together, if there are more than these: they stay valid until the next call.</summary>
    private protected virtual bool TryConsumeContiguous(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return false;
    }

    /// <summary>Puts bytes back at the front of the buffer, which were consumed last.</summary>
    private protected abstract void UnreadCore(ReadOnlySpan<byte> bytes);

    /// <summary>Drops the buffer. Called once, when the channel is closed and nobody reads, nor looks at what was lent.</summary>
    private protected abstract void ReleaseBuffer();

    /// <summary>As <see cref="ReleaseBuffer"/>, where somebody may still hold a sequence of it, against the rules: that shows what it did.</summary>
    private protected virtual void ReleaseHeldBuffer() => ReleaseBuffer();

    /// <summary>Tells the source that nobody will read any more. Called once, when the channel is closed and nobody reads.</summary>
    private protected virtual void CloseSource()
    {
    }

    /// <summary>Ends reading for good. Whoever waits has to be woken by the caller.</summary>
    internal void CloseForRead()
    {
        if (Interlocked.Exchange(ref _closing, true) || TryClose())
        {
            return;
        }

        // Somebody reads. A reader that leaves has no fence between saying so and looking for this, which would cost every read; so here
        // is one for both, and afterwards one of the two sees the other.
        Interlocked.MemoryBarrierProcessWide();
        TryClose();
    }

    /// <summary>
    /// The channel is closed, and whoever was lent what is in the buffer is done with it: it has said so, or has returned. Without that, the
    /// buffer goes back with the next call of the reader's, which says so, too.
    /// </summary>
    internal void EndHold()
    {
        if (Volatile.Read(ref _state) == Closed && TryReleaseHeld())
        {
            ReleaseHeldBuffer();
        }
    }

    /// <summary>The reader is done with what was lent to it, and may not read again.</summary>
    internal void EndReading()
    {
        try
        {
            Begin();
            End();
        }
        catch (ObjectDisposedException)
        {
            // Closed: the attempt has given it back.
        }
    }

    /// <summary>Becomes the one reader.</summary>
    private protected void Begin() => BeginFrom(Idle);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginFrom(int rest)
    {
        int state = Interlocked.CompareExchange(ref _state, Busy, rest);
        if (state != rest)
        {
            ThrowBusyOrClosed(state);
        }

        if (Volatile.Read(ref _closing))
        {
            if (_inner is null && _holdState == Held)
            {
                // This call says that its caller is done with what was lent. It is the one that closes, and there may be no other call.
                ReleaseHeld();
            }

            Leave();
            ThrowClosed();
        }

        if (_inner is not null)
        {
            BeginInner(_inner);
        }
        else if (_holdState == Held)
        {
            ReleaseHeld();
        }
    }

    /// <summary>Lets the next reader in.</summary>
    private protected void End()
    {
        _inner?.End();
        Leave();
    }

    /// <summary>Drops bytes at the front of the buffer: they are read.</summary>
    private protected void Consume(long count)
    {
        ConsumeCore(count);
        TotalBytesRead += count;
    }

    /// <summary>Waits until there is more to receive, or the channel is closed.</summary>
    private protected ValueTask<WaitOutcome> WaitAsync(CancellationToken cancellationToken)
    {
        // Waits first and looks second; whoever closes does it the other way round.
        ValueTask<WaitOutcome> wait = WaitCoreAsync(TokenOfWait(cancellationToken));
        if (Volatile.Read(ref _closing))
        {
            Interrupt();
        }

        return wait;
    }

    /// <summary>Receives into the buffer: so many bytes, 0 at the end of the stream, or <see cref="IByteSource.WouldBlock"/>.</summary>
    private protected int TryFill()
    {
        int count = FillOnce();
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
                return Buffered.IsEmpty ? FillOnce() : (int)Buffered.Length;
            }

            // All of it is new to the reader: what came before was kept back.
            return (int)buffered.Length;
        }

        return count;
    }

    /// <summary>Waits for more, and throws for every end of the wait but the ordinary ones.</summary>
    private protected void ThrowUnlessUsable(WaitOutcome signal)
    {
        if (signal is WaitOutcome.Closed or WaitOutcome.TimedOut)
        {
            throw Failure(signal);
        }

        if (Volatile.Read(ref _closing))
        {
            ThrowClosed();
        }

        _inner?.ThrowUnlessUsable(signal);
    }

    private int FillOnce()
    {
        try
        {
            int count = TryFillCore();
            RememberEnd(count);
            return count;
        }
        catch (Exception exception) when (Remember(exception))
        {
            ThrowClosed();
            throw;
        }
    }

    private void BeginInner(ByteReadChannel inner)
    {
        bool begun = false;
        try
        {
            inner.Begin();
            begun = true;
        }
        finally
        {
            if (!begun)
            {
                Leave();
            }
        }
    }

    private void Leave()
    {
        Volatile.Write(ref _state, _rest);
        if (Volatile.Read(ref _closing))
        {
            TryClose();
        }
    }

    private bool TryClose()
    {
        int rest = _rest;
        bool closed = Interlocked.CompareExchange(ref _state, Closed, rest) == rest;
        if (closed)
        {
            OnClosed();
        }

        return closed;
    }

    private void OnClosed()
    {
        ForgetStop();
        if (Volatile.Read(ref _holdState) == NotHeld)
        {
            ReleaseBuffer();
        }

        CloseSource();
    }

    // Once the channel is closed, one caller releases what was lent. The reader that leaves just then still sees that it was lent: it released the
    // buffer a second time, while its own caller looked at it.
    private bool TryReleaseHeld() => Interlocked.CompareExchange(ref _holdState, Released, Held) == Held;

    [DoesNotReturn]
    private void ThrowBusyOrClosed(int state)
    {
        if (state is Busy && !Volatile.Read(ref _closing))
        {
            throw new InvalidOperationException("Another read on this channel is in progress; only one at a time is possible.");
        }

        if (state is Claimed && !Volatile.Read(ref _closing))
        {
            throw new InvalidOperationException("The connection is under TLS: read from the one that the upgrade has returned.");
        }

        if (state is Closed && TryReleaseHeld())
        {
            ReleaseBuffer();
        }

        ThrowClosed();
    }
}
