using System.Net.Sockets;
using Sluice.Diagnostics;

namespace Sluice.Serving;

internal sealed partial class Server
{
    // More than a backlog holds (net.core.somaxconn, tcp(7)), so that clients that keep coming do not keep the server from stopping.
    internal const int MostLeft = 4096;

    private async Task AcceptAsync(ServerSocket socket)
    {
        try
        {
            engine.Logger.Listening(socket.LocalEndPoint);
            await AcceptUntilStoppedAsync(socket).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (socket.IsClosed)
        {
            // Stopped while waiting for a connection, a slot, a permit, or for an error to pass.
        }
        catch
        {
            // The caller of ServeAsync is told at once, and not only when the other listeners have stopped, too.
            StopListening();
            throw;
        }
        finally
        {
            if (Interlocked.Decrement(ref _listening) == 0)
            {
                _stopping.CancelInBackground(engine.Logger);
                _stopBegun.SetResult();
            }

            await AcceptLeftAsync(socket).ConfigureAwait(false);
        }
    }

    private async Task AcceptUntilStoppedAsync(ServerSocket socket)
    {
        // One listener alone accepts when there is a slot. Several would take slots from each other while no client comes: there, what is
        // accepted waits for one.
        bool alone = sockets.Length == 1;
        bool hasSlot = false;
        StreamSocket? waiting = null;
        try
        {
            if (alone)
            {
                await _slots.WaitAsync(socket.Stopping).ConfigureAwait(false);
                hasSlot = true;
            }

            await foreach (StreamSocket accepted in socket.AcceptEachAsync(handsOut: false, socket.Stopping).ConfigureAwait(false))
            {
                waiting = accepted;
                if (!hasSlot)
                {
                    await _slots.WaitAsync(socket.Stopping).ConfigureAwait(false);
                }

                hasSlot = false;
                await AdmitAsync(accepted, socket.Stopping).ConfigureAwait(false);
                waiting = null;
                if (alone)
                {
                    await _slots.WaitAsync(socket.Stopping).ConfigureAwait(false);
                    hasSlot = true;
                }
            }
        }
        finally
        {
            if (hasSlot)
            {
                _slots.Release();
            }

            if (waiting is not null)
            {
                StartPending(waiting, beyondLimit: socket.IsHandedOver);
            }
        }
    }

    // Closing a listener resets what the kernel has accepted for it (tcp(7)): so that is taken first.
    private async Task AcceptLeftAsync(ServerSocket socket)
    {
        try
        {
            for (int i = 0; i < MostLeft && !socket.IsHandedOver && await socket.AcceptLastAsync().ConfigureAwait(false) is { } left; i++)
            {
                StartPending(left, beyondLimit: false);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // Closed by another call, or no more to be had.
        }
        finally
        {
            socket.Close();
            lock (_lock)
            {
                _accepting--;
                TellDrained();
            }
        }
    }

    private async ValueTask AdmitAsync(StreamSocket accepted, CancellationToken cancellationToken)
    {
        Admission.Ticket? ticket = null;
        if (_admission.IsNeeded)
        {
            try
            {
                ticket = await _admission.TryEnterAsync(accepted.RemoteEndPoint, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                _slots.Release();
                throw;
            }

            if (ticket is null)
            {
                Refuse(accepted);
                return;
            }
        }

        Start(accepted, ticket);
    }

    /// <summary>
    /// Serves a connection that came before the server began to stop, and has no slot. Nothing is waited for any more: one beyond the limit is
    /// closed in order and not served, unless <paramref name="beyondLimit"/>.
    /// </summary>
    internal void StartPending(StreamSocket accepted, bool beyondLimit)
    {
        bool within = _slots.AcquireBeyondLimit() || beyondLimit;
        Admission.Ticket? ticket = null;
        if (within && !beyondLimit && _admission.IsNeeded && (ticket = _admission.TryEnter(accepted.RemoteEndPoint)) is null)
        {
            Refuse(accepted);
            return;
        }

        if (!within)
        {
            accepted.Context.Metrics.Reject("limit");
            engine.Logger.ConnectionRefused(accepted.RemoteEndPoint, "the server stops");
        }

        Start(accepted, ticket, turnsAway: !within);
    }

    private void Refuse(StreamSocket accepted)
    {
        accepted.Context.Metrics.Reject("limit");
        engine.Logger.ConnectionRefused(accepted.RemoteEndPoint, "too many from there, or too fast");
        accepted.Abort();
        _slots.Release();
    }

    // The connection has a slot.
    private void Start(StreamSocket accepted, Admission.Ticket? ticket, bool turnsAway = false)
    {
        Connection connection;
        try
        {
            connection = accepted.OpenConnection();
            connection.Stopping = _stopping.Token;
        }
        catch (ObjectDisposedException)
        {
            // The manager is going, and took the connection with it.
            Leave(ticket);
            return;
        }

        bool aborting;
        lock (_lock)
        {
            _open.Add(connection);
            aborting = _aborting;
        }

        if (aborting)
        {
            accepted.Abort();
        }

        new HandlerStart(this, connection, ticket, turnsAway).Schedule();
    }
}
