using System.Net;

namespace Sluice.Client;

/// <summary>Creates connections that reconnect.</summary>
public static class ReconnectingConnection
{
    /// <summary>Creates a connection that reconnects over TCP.</summary>
    /// <typeparam name="TSession">The type of the sessions.</typeparam>
    /// <param name="tcp">Connects.</param>
    /// <param name="endPoints">The end points, the preferred one first. At least one.</param>
    /// <param name="openSession">
    /// Runs the handshake on a new connection, and returns what is spoken over it from then on: a <see cref="RequestChannel{TRequest, TReply}"/>, a
    /// <see cref="ConnectionSession"/>, or a session of your own. If it throws, the connection is aborted.
    /// </param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The connection, which connects from now on.</returns>
    public static ReconnectingConnection<TSession> Create<TSession>(
        TcpSocketBuilder tcp,
        IEnumerable<EndPoint> endPoints,
        Func<Connection, CancellationToken, ValueTask<TSession>> openSession,
        ReconnectOptions<TSession>? options = null)
        where TSession : class, IConnectionSession
    {
        ArgumentNullException.ThrowIfNull(tcp);
        return Create(
            async (endPoint, cancellationToken) =>
                (await tcp.ConnectAsync(endPoint, cancellationToken: cancellationToken).ConfigureAwait(false)).OpenConnection(),
            endPoints,
            openSession,
            options);
    }

    /// <summary>Creates a connection that reconnects with a function of yours: with TLS, through a proxy, over a Unix domain socket.</summary>
    /// <typeparam name="TSession">The type of the sessions.</typeparam>
    /// <param name="connect">Connects to an end point.</param>
    /// <param name="endPoints">The end points, the preferred one first. At least one.</param>
    /// <param name="openSession">
    /// Runs the handshake on a new connection, and returns what is spoken over it from then on: a <see cref="RequestChannel{TRequest, TReply}"/>, a
    /// <see cref="ConnectionSession"/>, or a session of your own. If it throws, the connection is aborted.
    /// </param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The connection, which connects from now on.</returns>
    public static ReconnectingConnection<TSession> Create<TSession>(
        Func<EndPoint, CancellationToken, ValueTask<Connection>> connect,
        IEnumerable<EndPoint> endPoints,
        Func<Connection, CancellationToken, ValueTask<TSession>> openSession,
        ReconnectOptions<TSession>? options = null)
        where TSession : class, IConnectionSession
    {
        ArgumentNullException.ThrowIfNull(connect);
        ArgumentNullException.ThrowIfNull(endPoints);
        ArgumentNullException.ThrowIfNull(openSession);
        EndPoint[] all = [.. endPoints];
        if (all.Length == 0)
        {
            throw new ArgumentException("There is no end point.", nameof(endPoints));
        }

        var connection = new ReconnectingConnection<TSession>(
            new Reconnecting.SessionOpener<TSession>(connect, all, openSession, options ??= new ReconnectOptions<TSession>()), options);
        connection.Start();
        return connection;
    }
}
