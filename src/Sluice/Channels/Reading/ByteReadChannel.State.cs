using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Sluice.Scheduling;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    private bool _ended;
    private Exception? _failure;
    private Exception? _cancelCause;

    /// <summary>
    /// How many bytes are in the buffer and can be read without waiting. There may be more at the system, which only a read finds.
    /// </summary>
    public long AvailableForRead => IsShut ? 0 : Math.Max(BufferedLength - Volatile.Read(ref _heldBytes), 0);

    /// <summary>
    /// Whether nothing more can be read: a read has found the end of the stream, or a failure, and the buffer is empty; or the channel is
    /// closed.
    /// </summary>
    public bool IsClosedForRead => IsShut || (IsSpent && AvailableForRead == 0);

    /// <summary>How many bytes were read since the channel was opened, endings, delimiters and what was skipped included.</summary>
    public long TotalBytesRead { get; private set; }

    /// <summary>
    /// Why reading ended before the stream did: what <see cref="Cancel"/> was given, or how the connection failed. Null while the channel
    /// is open, after the end of the stream, and after a close without a cause.
    /// </summary>
    public Exception? CloseCause => _cancelCause ?? _failure ?? _inner?.CloseCause;

    /// <summary>Whether all that will ever come is in the buffer.</summary>
    private protected virtual bool IsSpent => _ended || _failure is not null;

    private bool IsShut => Volatile.Read(ref _closing);

    /// <summary>
    /// Ends reading for good: drops what is in the buffer, and ends a read in progress. Writing to the same socket goes on; what is read
    /// from learns of it where it can, as the writer of a pipe does. Any thread may call this. The first call counts.
    /// </summary>
    /// <param name="cause">
    /// What the read in progress and every later one throws; null for <see cref="ObjectDisposedException"/>.
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
            Interrupt();
        }
    }

    // An end or a failure that a receive finds after the close is the close's own doing: the sockets of a manager that is disposed of end one
    // after another, and the end of each looks like the peer's to the one that it is connected to.
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

    // An exception filter. True: the channel is closed, and that is to be thrown in place of the exception.
    private bool Remember(Exception exception)
    {
        if (IsShut)
        {
            return true;
        }

        _failure ??= IsLackOfMemory(exception) ? null : exception;
        return false;
    }

    [DoesNotReturn]
    private void ThrowClosed()
    {
        if (_cancelCause is { } cause)
        {
            ExceptionDispatchInfo.Throw(cause);
        }

        throw Failure(WaitOutcome.Closed);
    }
}
