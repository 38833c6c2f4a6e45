using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;

namespace Sluice.Serving.Initializing;

/// <summary>Runs the TLS handshake of a connection that a listener has accepted.</summary>
internal sealed class TlsInitializer(ListenerTlsOptions options, TimeProvider timeProvider) : IConnectionInitializer
{
    public int MaxPending => options.MaxPendingHandshakes;

    public string ErrorType => "tls_handshake";

    public async ValueTask<string?> InitializeAsync(StreamSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            await socket.StartTlsAsync(options.CreateHandshake(timeProvider), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is AuthenticationException or TimeoutException)
        {
            return exception.Message;
        }
    }

    public void LogRefusal(ILogger logger, StreamSocket socket, string reason) => logger.TlsHandshakeFailed(socket.RemoteEndPoint, reason);
}
