using Sluice.Engine;

namespace Sluice;

public sealed partial class ServerSocket
{
    /// <summary>
    /// Accepts a connection that has come before the server closes this listener; null if there is none. No other call may accept. Suspends while an accept
    /// of the system or an initializer is running, but never for another connection.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">Accepting failed.</exception>
    internal async ValueTask<StreamSocket?> AcceptPendingAsync()
    {
        if (TakePending() is { } pending)
        {
            return pending;
        }

        if (_acceptor is { } acceptor)
        {
            return await acceptor.AcceptPendingAsync().ConfigureAwait(false);
        }

        if (_handedOver)
        {
            // The successor gets what is in the system's queue.
            return null;
        }

        StreamTransport? last = await _transport.RetireAsync().ConfigureAwait(false) ?? _transport.TryAcceptNow();
        return last is null ? null : new StreamSocket(_context, last, _transport);
    }
}
