using Sluice.Engine;

namespace Sluice;

public sealed partial class ServerSocket
{
    /// <summary>
    /// For a server that is about to close this: a connection that has come before; null if there is none. No other call accepts. Suspends for
    /// an accept of the system's that is under way, and for preparations, but never for another connection.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The socket was closed before.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">Accepting failed.</exception>
    internal async ValueTask<StreamSocket?> AcceptLastAsync()
    {
        if (TakePending() is { } left)
        {
            return left;
        }

        if (_acceptor is { } acceptor)
        {
            return await acceptor.AcceptLastAsync().ConfigureAwait(false);
        }

        StreamTransport? last = await _transport.RetireAsync().ConfigureAwait(false) ?? _transport.TryAcceptNow();
        return last is null ? null : new StreamSocket(_context, last, _transport);
    }
}
