using Sluice.Sockets;

namespace Sluice;

public sealed partial class Connection
{
    /// <summary>
    /// Cancelled when the server that serves this connection begins to stop: the handler finishes what it is doing and returns, and has the
    /// grace for that. To be given to the read that waits for the next request, and not to the write that answers the last one:
    /// <c>while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)</c>. The <see cref="OperationCanceledException"/> may
    /// leave the handler: what was written is sent then, and the peer sees the end of the stream. What has come is still read with this token,
    /// unlike with others: requests in the buffer, and those that the system has, for which one last receive is made. Never cancelled for a connection that no
    /// server serves, unless a test sets it.
    /// </summary>
    public CancellationToken Stopping
    {
        get => Input.Stopping;
        set => Input.Stopping = value;
    }

    /// <summary>
    /// Whether an exception that leaves a handler tells of the peer or the network and not of a mistake in the handler: a reset, silence for
    /// longer than a time-out, an early end, a line or frame over its limit, a failed handshake, malformed lengths and numbers. Also true if
    /// the handler gave the connection up: it aborted or closed it, or cancelled what it waited for.
    /// </summary>
    /// <remarks>
    /// <see cref="ServerSocket.ServeAsync"/> logs such exceptions as <c>Debug</c> and without their stacks. The failure of another connection
    /// which the handler uses counts alike. False for an exception of an application's own type, and for one of a file.
    /// </remarks>
    /// <param name="exception">What a call on the connection threw, or what <see cref="ServeOptions.OnError"/> is told.</param>
    /// <returns>False for whatever should be looked into.</returns>
    public bool IsPeerFault(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return PeerFault.IsOne(exception, _owner.IsClosed);
    }
}
