using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    /// <summary>Gets the number of bytes written since the channel was opened. They may not all be sent.</summary>
    public long TotalBytesWritten => _queue.Written;

    /// <summary>
    /// Gets the number of bytes that can be written now without waiting, in one write or several. Only the writer makes it smaller. Sending makes
    /// it larger.
    /// </summary>
    public long AvailableForWrite => IsClosedForWrite ? 0 : Math.Max(HighWaterMark - UnsentBytes, 0);

    /// <summary>
    /// Gets a value indicating whether nothing more can be written: the channel is completed, its socket is closed, or sending has failed.
    /// </summary>
    public bool IsClosedForWrite => _queue.IsClosed || _queue.IsCompleted || _queue.Failure is not null;

    /// <summary>
    /// Gets the reason why writing ended: the exception given to <see cref="CompleteAsync(Exception)"/>, or the one that sending failed with. Null
    /// while the channel is open, after an ordinary completion, and after a close.
    /// </summary>
    public Exception? CloseCause => _completionCause ?? _queue.Failure as IOException;

    /// <summary>The number of bytes that wait to be sent.</summary>
    internal long UnsentBytes => _queue.Length;

    /// <summary>
    /// Whether a TLS session writes here. A record must not be cut off, so no wait here times out. The waits of the channel above do: they use the event of
    /// <see cref="CreateProgressEventAbove"/>.
    /// </summary>
    internal bool IsBelowTls { get; set; }

    /// <summary>Whether <see cref="BeginClose"/> was called.</summary>
    internal bool IsClosing => _queue.IsClosed;

    /// <summary>
    /// Whether written bytes no longer arrive for a reason that is not the writer's: the other side is gone, or the connection is closed.
    /// </summary>
    internal bool IsReaderGone => _queue.Failure switch
    {
        null => _queue.IsClosed,
        IOException failure => _queue.Sink.HasLostReader(failure),
        _ => CloseCause is null,
    };

    /// <summary>The clock for the time that a blocking write, or closing, may take.</summary>
    internal TimeProvider TimeProvider => _queue.Sink.TimeProvider;

    /// <summary>How long a view that is disposed of waits for its flush.</summary>
    internal TimeSpan CloseTimeout => _queue.Sink.CloseTimeout;

    /// <summary>The name of the other end for a message; null if it has none.</summary>
    private string? PeerName => _queue.Sink.PeerName;

    /// <inheritdoc cref="Channels.Writing.SendQueue.CreateProgressEventAbove"/>
    internal ReadinessEvent CreateProgressEventAbove() => _queue.CreateProgressEventAbove();

    /// <inheritdoc cref="Channels.Writing.IByteSink.SendTimeout"/>
    internal Exception SendTimeout() => _queue.Sink.SendTimeout();

    /// <summary>Throws if nothing can be written any more.</summary>
    private void ThrowIfUnusable()
    {
        // Read first: what closes or fails the queue does so before it completes it, and is the better reason.
        bool isCompleted = _queue.IsCompleted;
        ThrowIfClosed();
        ObjectDisposedException.ThrowIf(isCompleted, typeof(ByteWriteChannel));
    }

    /// <summary>Throws if nothing can be sent any more.</summary>
    private void ThrowIfClosed()
    {
        // Read once: another thread may close the queue in between.
        Exception? failure = _queue.Failure;
        if (failure is ObjectDisposedException && CloseCause is { } cause)
        {
            throw new ObjectDisposedException($"The channel was completed: {cause.Message}", cause);
        }

        // A close fails the queue before it closes it.
        if (_queue.IsClosed || failure is ObjectDisposedException { InnerException: null })
        {
            throw _queue.Sink.Closed();
        }

        switch (failure)
        {
            case null:
                return;
            case IOException failed:
                throw new IOException(failed.Message, failed.InnerException ?? failed);
            default:
                throw new ObjectDisposedException(failure.Message, failure.InnerException ?? failure);
        }
    }
}
