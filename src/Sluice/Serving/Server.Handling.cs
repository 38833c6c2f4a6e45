using Sluice.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Serving;

internal sealed partial class Server
{
    /// <summary>Runs the handler, and closes the connection afterwards. Never fails.</summary>
    /// <remarks>Its state lives as long as the connection. It awaits only tasks, which keeps the state small.</remarks>
    internal async Task RunHandlerAsync(Connection connection, Admission.Lease? lease, bool rejects)
    {
        if (!rejects)
        {
            try
            {
                await (_admit is null ? HandleAsync(connection) : HandleIfAdmittedAsync(connection)).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Report(connection, exception);
            }
        }

        try
        {
            // The handler has returned, so the memory that the channels have handed out is no longer used.
            Task closing = connection.CloseAsync().AsTask();
            connection.EndHolds();
            await closing.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Report(connection, exception);
        }

        // Before the server has ended: the user may then dispose of the limiter and the log.
        Release(lease);
        lock (_lock)
        {
            _open.Remove(connection);
            SignalDrained();
        }

        _slots.Release();
    }

    // An exception of the user's rate limiter must not leak the slot.
    private void Release(Admission.Lease? lease)
    {
        var steps = new DisposalSteps();
        steps.Run(lease, static lease => lease?.Dispose());
        steps.LogFailure(engine.Logger, "permit of a connection", endPoint: null);
    }

    private async Task HandleIfAdmittedAsync(Connection connection)
    {
        if (await IsAdmittedAsync(connection.Socket).ConfigureAwait(false))
        {
            await HandleAsync(connection).ConfigureAwait(false);
        }
        else
        {
            connection.Abort();
        }
    }

    private Task HandleAsync(Connection connection) =>
        Traces.Source.HasListeners() ? HandleTracedAsync(connection) : CallHandler(connection);

    private Task CallHandler(Connection connection) =>
        handler(connection, _abort.Token) ?? throw new InvalidOperationException("The handler has returned null instead of a task.");

    private async Task HandleTracedAsync(Connection connection)
    {
        using var trace = new TracedStep(Traces.StartAccepted(connection.RemoteEndPoint), engine.Logger);
        try
        {
            await CallHandler(connection).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!IsEndOfServer(exception))
            {
                Traces.Fail(trace.Activity, exception);
            }

            throw;
        }
    }

    private async ValueTask<bool> IsAdmittedAsync(StreamSocket socket)
    {
        try
        {
            bool admitted = await _admit!(socket, _abort.Token).ConfigureAwait(false);
            if (!admitted)
            {
                socket.Context.CountRejection("not_admitted");
                engine.Logger.ConnectionRefused(socket.RemoteEndPoint, "it was not admitted");
            }

            return admitted;
        }
        catch (Exception exception)
        {
            engine.Logger.AdmitFailed(socket.RemoteEndPoint, exception);
            return false;
        }
    }

    // The handler ended because of the token, or of the abort at the end of the grace: neither is a failure of the handler or of the peer.
    private bool IsEndOfServer(Exception exception) => exception switch
    {
        OperationCanceledException => _stopping.IsCancellationRequested,
        ObjectDisposedException or IOException => _abort.IsCancellationRequested,
        _ => false,
    };

    private void Report(Connection connection, Exception exception)
    {
        if (IsEndOfServer(exception))
        {
            return;
        }

        if (connection.IsPeerFault(exception))
        {
            engine.Logger.ConnectionFailed(connection.Socket.RemoteEndPoint, ExceptionText.Of(exception));
        }
        else
        {
            engine.Logger.HandlerFailed(connection.Socket.RemoteEndPoint, exception);
        }

        try
        {
            _onError?.Invoke(connection, exception);
        }
        catch (Exception callbackException)
        {
            engine.Logger.OnErrorFailed(callbackException);
        }
    }
}
