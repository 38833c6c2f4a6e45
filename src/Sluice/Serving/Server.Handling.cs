using System.Diagnostics;
using Sluice.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Serving;

internal sealed partial class Server
{
    /// <summary>Runs the handler, and closes the connection behind it. Never fails.</summary>
    /// <remarks>It stays in memory as long as the connection: awaiting tasks alone keeps it small.</remarks>
    internal async Task RunHandlerAsync(Connection connection, Admission.Ticket? ticket, bool turnsAway)
    {
        if (!turnsAway)
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
            // The handler has returned, and so is done with what it was lent.
            Task closing = connection.CloseAsync().AsTask();
            connection.EndHolds();
            await closing.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Report(connection, exception);
        }

        lock (_lock)
        {
            _open.Remove(connection);
            TellDrained();
        }

        Leave(ticket);
    }

    // A lease of the user's limiter that throws must not cost a slot.
    private void Leave(Admission.Ticket? ticket)
    {
        var steps = new DisposalSteps();
        steps.Run(ticket, static ticket => ticket?.Dispose());
        _slots.Release();
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
        Traces.Source.HasListeners() ? HandleTracedAsync(connection) : handler(connection, _abort.Token);

    private async Task HandleTracedAsync(Connection connection)
    {
        using Activity? activity = Traces.StartAccepted(connection.RemoteEndPoint);
        try
        {
            await handler(connection, _abort.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            if (!IsEndOfServer(exception))
            {
                Traces.Fail(activity, exception);
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
                socket.Context.Metrics.Reject("not_admitted");
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

    // Let go of by its token, or cut off at the end of the grace: no failure of the handler's, nor of the peer's.
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
            engine.Logger.ConnectionFailed(connection.Socket.RemoteEndPoint, exception.Message);
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
