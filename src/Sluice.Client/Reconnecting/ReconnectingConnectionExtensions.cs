using System.Runtime.CompilerServices;
using Sluice.Scheduling;

namespace Sluice.Client;

/// <summary>Sends requests over connections that reconnect.</summary>
public static class ReconnectingConnectionExtensions
{
    /// <summary>Sends a request over the current connection, and waits for its reply.</summary>
    /// <typeparam name="TRequest">The type of a request.</typeparam>
    /// <typeparam name="TReply">The type of a reply.</typeparam>
    /// <param name="connection">The connection.</param>
    /// <param name="request">The request.</param>
    /// <param name="whenDisconnected">What to do while there is no connection. A request that may have been sent is never sent again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The reply. To be awaited once.</returns>
    /// <exception cref="RequestException">
    /// There was no connection, or none in time (<see cref="ReconnectOptions{TSession}.WaitTimeout"/>), or the request failed as with
    /// <see cref="RequestChannel{TRequest, TReply}.SendAsync(TRequest, CancellationToken)"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    public static async ValueTask<TReply> SendAsync<TRequest, TReply>(
        this ReconnectingConnection<RequestChannel<TRequest, TReply>> connection,
        TRequest request,
        WhenDisconnected whenDisconnected = WhenDisconnected.Wait,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        while (true)
        {
            RequestChannel<TRequest, TReply>? channel = connection.Current;
            if (channel is null)
            {
                channel = whenDisconnected == WhenDisconnected.Wait
                    ? await GetAsync(connection, cancellationToken).ConfigureAwait(false)
                    : throw new RequestException("There is no connection.", innerException: null, RequestDelivery.NotSent);
            }

            try
            {
                return await channel.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (RequestException exception) when (
                exception.Delivery == RequestDelivery.NotSent && whenDisconnected == WhenDisconnected.Wait && channel.HasEnded)
            {
                // The next connection takes it. Until this one has completed, it may still be the current one.
                await channel.Completion.ConfigureAwait(false);
            }
        }
    }

    private static async ValueTask<TSession> GetAsync<TSession>(ReconnectingConnection<TSession> connection, CancellationToken cancellationToken)
        where TSession : class, IConnectionSession
    {
        try
        {
            return await connection.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or IOException or ObjectDisposedException)
        {
            throw new RequestException($"There is no connection: {exception.Message}", exception, RequestDelivery.NotSent);
        }
    }
}
