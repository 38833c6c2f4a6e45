using System.Net.Security;
using System.Security.Authentication;
using Sluice.Tls;

namespace Sluice;

public sealed partial class Connection
{
    /// <summary>The default of how long a handshake may take: 10 seconds.</summary>
    public static readonly TimeSpan DefaultHandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The TLS session; null if the connection has none.</summary>
    public TlsSession? Tls { get; private init; }

    /// <summary>
    /// Begins TLS as the client, on a connection that is open and perhaps was used: what was received and not yet read is taken as the
    /// beginning of the server's handshake, never as plain text. Suspends for the handshake.
    /// </summary>
    /// <param name="options">
    /// How. <see cref="SslClientAuthenticationOptions.TargetHost"/> is the name that the server's certificate has to have. Protocols: TLS 1.2
    /// and 1.3, unless it says otherwise.
    /// </param>
    /// <param name="handshakeTimeout">How long the handshake may take. Default: <see cref="DefaultHandshakeTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the handshake, and with it the connection.</param>
    /// <returns>The connection under TLS. From now on this one may only be closed, which closes both.</returns>
    /// <exception cref="AuthenticationException">The handshake failed; the message says why a certificate was refused.</exception>
    /// <exception cref="ArgumentException">The options name no host.</exception>
    /// <exception cref="TimeoutException">The handshake took too long.</exception>
    /// <exception cref="InvalidOperationException">A read or a write is in progress, or the connection has a TLS session already.</exception>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Connection> UpgradeToTlsClientAsync(
        SslClientAuthenticationOptions options, TimeSpan? handshakeTimeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return UpgradeAsync(new ClientHandshake(options, _owner.TimeProvider), handshakeTimeout, cancellationToken);
    }

    /// <summary>Begins TLS as the server, on a connection that is open and perhaps was used. Suspends for the handshake.</summary>
    /// <param name="options">How. Protocols: TLS 1.2 and 1.3, unless it says otherwise.</param>
    /// <param name="handshakeTimeout">How long the handshake may take. Default: <see cref="DefaultHandshakeTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the handshake, and with it the connection.</param>
    /// <returns>The connection under TLS. From now on this one may only be closed, which closes both.</returns>
    /// <exception cref="AuthenticationException">The handshake failed; the message says why a certificate was refused.</exception>
    /// <exception cref="TimeoutException">The handshake took too long.</exception>
    /// <exception cref="InvalidOperationException">A read or a write is in progress, or the connection has a TLS session already.</exception>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Connection> UpgradeToTlsServerAsync(
        SslServerAuthenticationOptions options, TimeSpan? handshakeTimeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return UpgradeAsync(new ServerHandshake(options, _owner.TimeProvider), handshakeTimeout, cancellationToken);
    }

    private async ValueTask<Connection> UpgradeAsync(Handshake handshake, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        TimeSpan limit = Durations.ThrowIfNotPositive(timeout ?? DefaultHandshakeTimeout, allowInfinite: true, nameof(timeout));
        cancellationToken.ThrowIfCancellationRequested();
        var layer = new TlsLayer(this, _owner.Scheduler);
        _owner.SetLayer(layer);
        bool done = false;
        try
        {
            await handshake.RunAsync(layer, limit, cancellationToken).ConfigureAwait(false);
            done = true;
            return new Connection(_owner, layer.Input, layer.Output) { Tls = layer.Describe() };
        }
        finally
        {
            if (!done)
            {
                Abort();
            }
        }
    }
}
