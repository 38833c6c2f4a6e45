namespace Sluice;

public abstract partial class ByteWriteChannel
{
    private Exception? _completionCause;

    /// <summary>How many bytes were written since the channel was opened. They may not all be sent.</summary>
    public abstract long TotalBytesWritten { get; }

    /// <summary>
    /// How many bytes can be written now without waiting, in one write or several. The writer alone makes it less; what is sent makes it
    /// more.
    /// </summary>
    public long AvailableForWrite => IsClosedForWrite ? 0 : Math.Max(HighWaterMark - UnsentBytes, 0);

    /// <summary>Whether nothing more can be written: the channel is completed, its socket is closed, or sending has failed.</summary>
    public abstract bool IsClosedForWrite { get; }

    /// <summary>
    /// Why writing ended: what <see cref="CompleteAsync(Exception)"/> was given, or how sending failed. Null while the
    /// channel is open, after an ordinary completion, and after a close.
    /// </summary>
    public Exception? CloseCause => _completionCause ?? Failure;

    /// <summary>How sending failed, if it did.</summary>
    private protected abstract Exception? Failure { get; }

    /// <summary>
    /// Ends writing because something went wrong: drops what was not sent, and tells the peer that something is missing. On a socket that is
    /// a reset (RST), which ends reading, too, since TCP knows nothing between that and a proper end; the reader of a
    /// <see cref="ByteChannel"/> or a pipe is thrown the cause. If the channel is closed already, nothing happens.
    /// </summary>
    /// <param name="cause">Why. <see cref="CloseCause"/> tells it, and every later write throws it as inner exception.</param>
    /// <returns>Complete: this does not wait.</returns>
    /// <exception cref="InvalidOperationException">A write is in progress.</exception>
    public ValueTask CompleteAsync(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        Begin();
        try
        {
            CompleteBecause(cause);
            return ValueTask.CompletedTask;
        }
        finally
        {
            End();
        }
    }

    /// <summary>As <see cref="CompleteAsync(Exception)"/>, for whoever is the writer.</summary>
    internal void CompleteBecause(Exception cause)
    {
        if (!IsClosedForWrite)
        {
            _completionCause = cause;
            CompleteNow(cause);
        }
    }
}
