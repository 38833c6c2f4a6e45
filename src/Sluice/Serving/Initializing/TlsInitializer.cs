using System.Security.Authentication;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;
using Sluice.Tls;

namespace Sluice.Serving.Initializing;

/// <summary>The handshake of a connection that a listener has accepted.</summary>
internal sealed class TlsInitializer(Func<TlsHandshake> createHandshake, int maxPending) : IConnectionInitializer
{
    public int MaxPending { get; } = maxPending;

    public string ErrorType => "tls_handshake";

    public async ValueTask<string?> PrepareAsync(StreamSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            await socket.StartTlsAsync(createHandshake(), cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is AuthenticationException or TimeoutException)
        {
            return exception.Message;
        }
    }

    public void LogRefusal(ILogger logger, StreamSocket socket, string reason) => logger.TlsHandshakeFailed(socket.RemoteEndPoint, reason);
}
