using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Sluice;

// The one reader, the close, and the bytes that a caller still looks at.
public sealed partial class ByteReadChannel
{
    private const int Idle = 0;
    private const int Busy = 1;
    private const int Closed = 2;
    private const int Claimed = 3;

    private const int NotHeld = 0;
    private const int Held = 1;
    private const int Released = 2;

    // Interlocked. The thread that moves it from _rest to Busy is the reader until it writes _rest back; the thread that moves it from _rest to
    // Closed closes the channel. A field that is "used by the reader" is touched only in between, or by the closing thread.
    private int _state;

    // The state between two reads: Idle, or Claimed. Written by the reader. A closing thread that reads an old value fails to move _state, and
    // tries again behind a barrier.
    private int _rest;

    // Set once, by any thread, before it tries to move _state to Closed. A reader in the way then closes the channel when it leaves.
    private bool _closing;

    // The first bytes of the buffer, which a read has returned and the next read drops. Written by the reader; any thread may read it.
    private long _heldBytes;

    // Written by the reader. Once _state is Closed: interlocked, because several callers may release the buffer.
    private int _holdState;

    private bool IsShut => Volatile.Read(ref _closing);

    /// <summary>Ends reading for good. The caller has to interrupt a wait in progress.</summary>
    internal void CloseForRead()
    {
        if (Interlocked.Exchange(ref _closing, true) || TryClose())
        {
            return;
        }

        // A read is in progress. A reader that leaves has no barrier between its write of _state and its read of _closing, which would cost
        // every read. This barrier serves both threads: afterwards, one of the two sees the other.
        Interlocked.MemoryBarrierProcessWide();
        TryClose();
    }

    /// <summary>
    /// Gives the buffer back after the close: the caller says that nothing uses the bytes that the last read returned. Without this call, the
    /// reader's next call gives it back.
    /// </summary>
    internal void EndHold()
    {
        if (Volatile.Read(ref _state) == Closed && TryReleaseHeld())
        {
            // The caller may be wrong: a sequence that is still in use then shows a copy.
            _queue.ClearHeld();
        }
    }

    /// <summary>Drops the bytes that the last read returned, for a reader that may not read again.</summary>
    internal void EndReading()
    {
        try
        {
            Begin();
            End();
        }
        catch (ObjectDisposedException)
        {
            // Closed: the attempt has given the buffer back.
        }
    }

    /// <summary>Becomes the reader.</summary>
    internal void Begin() => BeginFrom(Idle);

    /// <summary>Lets the next reader in.</summary>
    internal void End()
    {
        _slice?.Inner.End();
        Leave();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginFrom(int rest)
    {
        int state = Interlocked.CompareExchange(ref _state, Busy, rest);
        if (state != rest)
        {
            ThrowBusyOrClosed(state);
        }

        if (IsShut)
        {
            LeaveClosing();
        }

        if (_slice is not null)
        {
            BeginInner(_slice.Inner);
        }
        else if (_holdState == Held)
        {
            ReleaseHeld();
        }
    }

    [DoesNotReturn]
    private void LeaveClosing()
    {
        if (_holdState == Held)
        {
            // With this call the reader gives up the bytes that it was handed. No other call may follow before this one closes the channel.
            ReleaseHeld();
        }

        Leave();
        ThrowClosed();
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
        if (IsShut)
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
        if (_slice is null && Volatile.Read(ref _holdState) == NotHeld)
        {
            _queue.Clear();
        }

        _source.CompleteReading(CloseCause);
    }

    /// <summary>Keeps bytes at the front of the buffer, which the read returns, until the next read begins; counts them as read.</summary>
    private void Hold(long count)
    {
        if (_slice is null)
        {
            Volatile.Write(ref _heldBytes, count);
            _holdState = Held;
        }
        else
        {
            _slice.Hold(count);
        }

        TotalBytesRead += count;
    }

    private void ReleaseHeld()
    {
        _queue.Consume(_heldBytes);
        Volatile.Write(ref _heldBytes, 0);
        _holdState = NotHeld;
    }

    // After the close, one caller alone gives the buffer back. A second one would do so while the first one's caller still reads it.
    private bool TryReleaseHeld() => Interlocked.CompareExchange(ref _holdState, Released, Held) == Held;

    [DoesNotReturn]
    private void ThrowBusyOrClosed(int state)
    {
        if (state is Busy && !IsShut)
        {
            throw new InvalidOperationException("Another read on this channel is in progress; only one at a time is possible.");
        }

        if (state is Claimed && !IsShut)
        {
            throw new InvalidOperationException("The connection is under TLS: read from the one that the upgrade has returned.");
        }

        if (state is Closed && TryReleaseHeld())
        {
            _queue.Clear();
        }

        ThrowClosed();
    }
}
