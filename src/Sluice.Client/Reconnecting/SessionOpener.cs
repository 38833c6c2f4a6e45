using System.Net;

namespace Sluice.Client.Reconnecting;

/// <summary>Opens a session on the first end point that can be reached. The task that connects uses it alone.</summary>
internal sealed class SessionOpener<TSession>(
    Func<EndPoint, CancellationToken, ValueTask<Connection>> connect,
    EndPoint[] endPoints,
    Func<Connection, CancellationToken, ValueTask<TSession>> openSession,
    ReconnectOptions<TSession> options)
    where TSession : class, IConnectionSession
{
    private readonly TimeSpan _timeout = options.OpenTimeout;
    private readonly TimeProvider _timeProvider = options.TimeProvider;

    // The end point to begin with: the last good one.
    private int _first;

    /// <summary>Lets the next try begin with another end point, because this one accepts connections and does not keep them.</summary>
    public void Avoid(EndPoint endPoint)
    {
        if (ReferenceEquals(endPoints[_first], endPoint))
        {
            _first = (_first + 1) % endPoints.Length;
        }
    }

    /// <summary>Tries all end points.</summary>
    /// <param name="onTry">Called before each.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    public async Task<(TSession Session, EndPoint EndPoint)> OpenAsync(Action<EndPoint> onTry, CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        for (int i = 0; i < endPoints.Length; i++)
        {
            int index = (_first + i) % endPoints.Length;
            onTry(endPoints[index]);
            try
            {
                TSession session = await OpenAsync(endPoints[index], cancellationToken).ConfigureAwait(false);
                _first = index;
                return (session, endPoints[index]);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failures.Add(exception);
            }
        }

        throw failures.Count == 1
            ? new IOException($"{endPoints[0]}: {failures[0].Message}", failures[0])
            : new IOException($"None of the {failures.Count} end points could be reached.", new AggregateException(failures));
    }

    private async Task<TSession> OpenAsync(EndPoint endPoint, CancellationToken cancellationToken)
    {
        long started = _timeProvider.GetTimestamp();
        Connection connection = await Bounded.RunAsync(
            token => connect(endPoint, token), Abort, _timeout, _timeProvider, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException("There is no connection: the function that opens it has returned null.");
        try
        {
            TimeSpan left = _timeout - _timeProvider.GetElapsedTime(started);
            return await Bounded.RunAsync(
                token => openSession(connection, token),
                static session => session.DisposeAsync(),
                left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1),
                _timeProvider,
                cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException("There is no session: the function that opens it has returned null.");
        }
        catch
        {
            connection.Abort();
            throw;
        }
    }

    private static ValueTask Abort(Connection connection)
    {
        connection.Abort();
        return ValueTask.CompletedTask;
    }
}
