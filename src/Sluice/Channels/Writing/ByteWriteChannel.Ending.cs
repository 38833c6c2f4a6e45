namespace Sluice;

public sealed partial class ByteWriteChannel
{
    // Written in the writer role, or by a pipe view's completion; read anywhere.
    private volatile Exception? _completionCause;

    /// <summary>
    /// Ends writing: sends what is written, and then tells the peer (FIN), whose reads come to their end. Reading goes on. A second call waits for
    /// the same.
    /// </summary>
    /// <param name="cancellationToken">
    /// Cancels the wait. The channel is completed all the same, and the peer is told once the bytes are sent.
    /// </param>
    /// <exception cref="InvalidOperationException">A write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask CompleteAsync(CancellationToken cancellationToken = default) => SendAllAsync(complete: true, cancellationToken);

    /// <summary>
    /// Ends writing because of a failure: drops what is not sent, and tells the peer that something is missing. On a socket that is a reset (RST),
    /// which ends reading, too: TCP has nothing between that and a proper end. A connection in memory does the same. The reader of a
    /// <see cref="ByteChannel"/> by itself, or of a pipe, gets the cause as an exception. If the channel is closed already, nothing happens.
    /// </summary>
    /// <param name="cause">The failure. <see cref="CloseCause"/> returns it, and every later write throws it as inner exception.</param>
    /// <returns>A completed task: this does not wait.</returns>
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
            EndWrite();
        }
    }

    /// <summary>Completes as <see cref="CompleteAsync(CancellationToken)"/> does, without waiting.</summary>
    internal void CompleteNow() => _queue.Complete();

    /// <summary>Completes as <see cref="CompleteAsync(Exception)"/> does, for a caller that is the writer.</summary>
    internal void CompleteBecause(Exception cause)
    {
        if (!IsClosedForWrite)
        {
            _completionCause = cause;
            Abort(cause);
        }
    }

    /// <summary>Drops what is not sent, and tells the peer that something is missing, whatever state the channel is in.</summary>
    internal void Abort(Exception cause)
    {
        _queue.Fail(new ObjectDisposedException($"The channel was completed: {cause.Message}", cause));
        _queue.Complete();
        _queue.Close();
        _queue.Sink.AbortOutput(cause);
    }

    /// <summary>Refuses writes from now on, before <see cref="BeginClose"/>. Wakes no write that waits.</summary>
    internal void Refuse() => _queue.Refuse();

    /// <summary>Takes the first step of closing: refuses writes, and ends one that waits.</summary>
    /// <returns>A task that completes when what was written is sent, or can no longer be.</returns>
    internal Task BeginClose() => _queue.Close();

    /// <summary>Takes the last step of closing: drops what is not sent, and ends every wait.</summary>
    internal void DiscardAndClose()
    {
        _queue.FailByClose();
        _queue.Close();
    }
}
