using Sluice.Sockets;

namespace Sluice;

public sealed partial class Connection
{
    /// <summary>
    /// Gets or sets the token that is cancelled when the server of this connection begins to stop. The handler then finishes its work and returns, within
    /// the server's grace. Pass it to the read that waits for the next request, and not to the write that answers the last one:
    /// <c>while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)</c>. The handler may throw the
    /// <see cref="OperationCanceledException"/>: the bytes that it has written are sent, and the peer sees the end of the stream. Unlike with other tokens,
    /// a read with this one still returns requests that are in the buffer or in the kernel, for which it makes one last receive. The token is never
    /// cancelled for a connection without a server, unless a test sets one.
    /// </summary>
    public CancellationToken Stopping
    {
        get => Input.Stopping;
        set => Input.Stopping = value;
    }

    /// <summary>
    /// Returns a value indicating whether an exception of a handler was caused by the peer or the network, and not by a mistake in the handler: a reset, a
    /// timeout, an early end, a line or frame over its limit, a failed handshake, malformed lengths and numbers. Also true if the handler gave up the
    /// connection: it aborted or closed it, or cancelled its own wait.
    /// </summary>
    /// <remarks>
    /// <see cref="ServerSocket.ServeAsync"/> logs such exceptions as <c>Debug</c> and without their stacks. The failure of another connection
    /// that the handler uses counts as well. False for an exception of an application's own type, and for one of a file.
    /// </remarks>
    /// <param name="exception">The exception of a call on the connection, or the one that <see cref="ServeOptions.OnError"/> receives.</param>
    /// <returns>False for an exception that should be investigated.</returns>
    public bool IsPeerFault(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return PeerFault.IsPeerFault(exception, _owner.IsClosed);
    }
}
