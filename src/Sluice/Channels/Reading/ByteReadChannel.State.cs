using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Sluice.Channels.Buffers;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    // Written by the reader; any thread may read them.
    private volatile bool _ended;
    private volatile Exception? _failure;

    // Set once, interlocked, by the first close that has a cause.
    private volatile Exception? _cancelCause;

    /// <summary>
    /// Gets the number of bytes that are buffered and can be read without waiting. The system may hold more, which only a read finds.
    /// </summary>
    public long AvailableForRead =>
        IsShut ? 0 : _slice is not null ? _slice.AvailableForRead : Math.Max(_queue.Length - Volatile.Read(ref _heldBytes), 0);

    /// <summary>
    /// Gets a value indicating whether nothing more can be read: a read has found the end of the stream, or a failure, and the buffer is empty;
    /// or the channel is closed.
    /// </summary>
    public bool IsClosedForRead => IsShut || (IsSpent && AvailableForRead == 0);

    /// <summary>Gets the number of bytes read since the channel was opened, with line endings, delimiters and skipped bytes.</summary>
    /// <remarks>Written by the reader; any thread may read it.</remarks>
    public long TotalBytesRead { get; private set; }

    /// <summary>
    /// Gets the reason why reading ended before the stream did: the cause that <see cref="Cancel"/> was given, or the failure of the
    /// connection. Null while the channel is open, after the end of the stream, and after a close without a cause.
    /// </summary>
    public Exception? CloseCause => _cancelCause ?? _failure ?? _slice?.Inner.CloseCause;

    private bool IsSpent => _ended || _failure is not null || _slice is { IsSpent: true };

    /// <summary>
    /// Ends reading for good: drops the buffer, and ends a read in progress. Writing to the same socket goes on. The source learns of it where
    /// it can, as the writer of a pipe does. Any thread may call this. The first call counts.
    /// </summary>
    /// <param name="cause">
    /// The exception that the read in progress and every later read throw; null for <see cref="ObjectDisposedException"/>.
    /// </param>
    public void Cancel(Exception? cause = null)
    {
        if (IsShut)
        {
            return;
        }

        if (cause is not null)
        {
            Interlocked.CompareExchange(ref _cancelCause, cause, null);
        }

        CloseForRead();
        if (Volatile.Read(ref _state) == Busy)
        {
            InterruptRead();
        }
    }

    /// <summary>Starts to count <see cref="TotalBytesRead"/> anew: the bytes before were a preamble, and a new owner opens the channel.</summary>
    internal void BeginHere()
    {
        TotalBytesRead = 0;
        _pipeReader = null;
    }

    // The close itself causes an end or a failure that a receive finds after it: a manager that is disposed of closes its sockets one after
    // another, and each close looks like the peer's to the socket at the other end.
    private void RememberEnd(int received)
    {
        if (received == 0)
        {
            if (IsShut)
            {
                ThrowClosed();
            }

            _ended = true;
        }
    }

    // An exception filter. True: the channel is closed, and the exception of the close replaces this one.
    private bool Remember(Exception exception)
    {
        if (IsShut)
        {
            return true;
        }

        // The channel below a view remembers its own failures. Others of a view's receive are those of the writer to which it copies.
        if (_slice is null)
        {
            _failure ??= RentFailures.Contains(exception) ? null : exception;
        }

        return false;
    }

    [DoesNotReturn]
    private void ThrowClosed()
    {
        if (_cancelCause is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }

        throw ReadFailure(WaitOutcome.Closed);
    }
}
