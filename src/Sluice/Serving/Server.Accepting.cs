using System.Net.Sockets;
using Sluice.Diagnostics;

namespace Sluice.Serving;

internal sealed partial class Server
{
    // More than a usual backlog (net.core.somaxconn, tcp(7)), and bounded, so that new clients cannot keep the server from stopping.
    internal const int MaxPendingAccepts = 4096;

    private async Task AcceptAsync(ServerSocket socket)
    {
        try
        {
            engine.Logger.Listening(socket.LocalEndPoint);
            await AcceptUntilStoppedAsync(socket).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (socket.IsClosed)
        {
            // Stopped while it waited for a connection, a slot, a permit, or for a transient error to pass.
        }
        catch
        {
            // The other listeners stop too, so that ServeAsync throws at once.
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

            await AcceptPendingAsync(socket).ConfigureAwait(false);
        }
    }

    private async Task AcceptUntilStoppedAsync(ServerSocket socket)
    {
        // A single listener takes a slot before it accepts. Several listeners would take slots from each other while they wait for clients: there, an
        // accepted connection waits for a slot.
        bool isOnlyListener = sockets.Length == 1;
        bool hasSlot = false;
        StreamSocket? waiting = null;
        try
        {
            if (isOnlyListener)
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
                if (isOnlyListener)
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

    // The close of a listener resets the connections in its backlog (tcp(7)), so they are accepted first.
    private async Task AcceptPendingAsync(ServerSocket socket)
    {
        try
        {
            // After a hand-over, only what was accepted before it is left.
            for (int i = 0; (i < MaxPendingAccepts || socket.IsHandedOver) && await socket.AcceptPendingAsync().ConfigureAwait(false) is { } pending; i++)
            {
                StartPending(pending, beyondLimit: socket.IsHandedOver);
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // Another call has closed the listener, or no further connection can be accepted.
        }
        finally
        {
            socket.Close();
            lock (_lock)
            {
                _accepting--;
                SignalDrained();
            }
        }
    }

    private async ValueTask AdmitAsync(StreamSocket accepted, CancellationToken cancellationToken)
    {
        Admission.Lease? lease = null;
        if (_admission.IsNeeded)
        {
            try
            {
                lease = await _admission.TryAcquireAsync(accepted.RemoteEndPoint, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                _slots.Release();
                throw;
            }

            if (lease is null)
            {
                Refuse(accepted);
                return;
            }
        }

        Start(accepted, lease);
    }

    /// <summary>
    /// Serves a connection that came before the server began to stop, and has no slot. It does not wait for one: a connection over the limit is closed
    /// in order and not served, unless <paramref name="beyondLimit"/>.
    /// </summary>
    internal void StartPending(StreamSocket accepted, bool beyondLimit)
    {
        bool within = _slots.AcquireBeyondLimit() || beyondLimit;
        Admission.Lease? lease = null;
        if (within && !beyondLimit && _admission.IsNeeded && (lease = TryAcquire(accepted)) is null)
        {
            Refuse(accepted);
            return;
        }

        if (!within)
        {
            accepted.Context.CountRejection("limit");
            engine.Logger.ConnectionRefused(accepted.RemoteEndPoint, "the server is stopping");
        }

        Start(accepted, lease, rejects: !within);
    }

    // If the user's rate limiter throws, nothing else closes the connection.
    private Admission.Lease? TryAcquire(StreamSocket accepted)
    {
        try
        {
            return _admission.TryAcquire(accepted.RemoteEndPoint);
        }
        catch
        {
            accepted.Abort();
            _slots.Release();
            throw;
        }
    }

    private void Refuse(StreamSocket accepted)
    {
        accepted.Context.CountRejection("limit");
        engine.Logger.ConnectionRefused(accepted.RemoteEndPoint, "the limit of its address or the rate limit is reached");
        accepted.Abort();
        _slots.Release();
    }

    // The connection has a slot.
    private void Start(StreamSocket accepted, Admission.Lease? lease, bool rejects = false)
    {
        Connection connection;
        try
        {
            connection = accepted.OpenConnection();
            connection.Stopping = _stopping.Token;
            connection.OutboxOptions = options.Outbox;
        }
        catch (ObjectDisposedException)
        {
            // The manager is being disposed of, and has closed the connection.
            Release(lease);
            _slots.Release();
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

        new HandlerStart(this, connection, lease, rejects).Schedule();
    }
}
