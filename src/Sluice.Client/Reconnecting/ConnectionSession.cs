using Sluice.Scheduling;

namespace Sluice.Client;

/// <summary>Represents a connection on which a handler runs, from the end of the handshake to the end of the connection, as a server's does.</summary>
public sealed class ConnectionSession : IConnectionSession
{
    // How long a disposal waits for a handler that does not end when its connection does.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _timeProvider;
    private readonly Lock _lock = new();

    // Set before the session is handed out.
    private Task _running = Task.CompletedTask;

    private volatile Exception? _cause;

    // Guarded by _lock: what the peer had sent at the last look, and when it was first seen.
    private long _seenBytes;
    private long _seenAt;

    private ConnectionSession(Connection connection)
    {
        Connection = connection;
        _timeProvider = connection.Owner.TimeProvider;
        _seenAt = _timeProvider.GetTimestamp();
    }

    /// <summary>Gets the connection. The handler reads it; other code may write where the handler does not.</summary>
    public Connection Connection { get; }

    /// <inheritdoc/>
    public Task Completion => _running;

    /// <inheritdoc/>
    public Exception? CloseCause => _cause;

    /// <summary>Gets the time since it was last seen that the handler had read something; as exact as the calls are frequent.</summary>
    public TimeSpan IdleTime
    {
        get
        {
            long now = _timeProvider.GetTimestamp();
            long bytes = Connection.Input.TotalBytesRead;
            lock (_lock)
            {
                if (bytes != _seenBytes)
                {
                    _seenBytes = bytes;
                    _seenAt = now;
                }

                return _timeProvider.GetElapsedTime(_seenAt, now);
            }
        }
    }

    /// <summary>Runs a handler on a connection.</summary>
    /// <param name="connection">The connection, which the session owns from now on.</param>
    /// <param name="handler">The handler. When it returns or throws, the connection is closed, and the session has ended. Its token is canceled by the disposal.</param>
    /// <returns>The session.</returns>
    public static ConnectionSession Start(Connection connection, Func<Connection, CancellationToken, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(handler);
        var session = new ConnectionSession(connection);
        CancellationToken stopping = session._stopping.Token;
        session._running = Task.Run(() => session.RunAsync(handler, stopping), CancellationToken.None);
        return session;
    }

    /// <summary>Cancels the handler's token, closes the connection, and waits for the handler, for at most two seconds more.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            // Runs what the handler has registered with its token, which may throw.
            await _stopping.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            await Connection.CloseAsync().ConfigureAwait(false);
        }

        try
        {
            await _running.EndOrCancelAsync(s_grace, _timeProvider, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The handler does not end. It can do no harm: its connection is closed.
        }
    }

    private async Task RunAsync(Func<Connection, CancellationToken, Task> handler, CancellationToken stopping)
    {
        try
        {
            await handler(Connection, stopping).ConfigureAwait(false);
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            _cause = exception;
        }
        catch (Exception)
        {
            // The disposal has ended it.
        }

        if (_cause is null)
        {
            await Connection.CloseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            Connection.Abort();
        }
    }
}
