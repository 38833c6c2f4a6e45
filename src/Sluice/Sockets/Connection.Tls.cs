using System.Net.Security;
using System.Security.Authentication;
using Sluice.Diagnostics;
using Sluice.Tls;

namespace Sluice;

public sealed partial class Connection
{
    /// <summary>What was agreed upon for TLS; null if the connection is not under TLS.</summary>
    public TlsSession? Tls => _owner.Layer?.Session;

    /// <summary>
    /// Begins TLS as the client, on a connection that is open and perhaps was used: what was received and not yet read is taken as the
    /// beginning of the server's handshake, never as plain text. Suspends for the handshake.
    /// </summary>
    /// <param name="options">
    /// How. <see cref="SslClientAuthenticationOptions.TargetHost"/> is the name that the server's certificate has to have. Protocols: TLS 1.2
    /// and 1.3, unless it says otherwise.
    /// </param>
    /// <param name="tlsOptions">The bounds of the handshake; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the handshake, and with it the connection.</param>
    /// <returns>The same connection under TLS. Of this one nothing is to be used any more but what closes it, which closes both.</returns>
    /// <exception cref="AuthenticationException">The handshake failed; the message says why a certificate was refused.</exception>
    /// <exception cref="ArgumentException">The options name no host.</exception>
    /// <exception cref="TimeoutException">The handshake took too long.</exception>
    /// <exception cref="InvalidOperationException">A read or a write is in progress, or the connection is under TLS already.</exception>
    /// <exception cref="IOException">The peer reset or went away, or the network failed.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Connection> UpgradeToTlsClientAsync(
        SslClientAuthenticationOptions options, TlsOptions? tlsOptions = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return UpgradeAsync(new ClientHandshake(options, host: null, tlsOptions ?? new TlsOptions(), _owner.TimeProvider), cancellationToken);
    }

    /// <summary>Begins TLS as the server, on a connection that is open and perhaps was used. Suspends for the handshake.</summary>
    /// <param name="options">How. Protocols: TLS 1.2 and 1.3, unless it says otherwise.</param>
    /// <param name="tlsOptions">The bounds of the handshake; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the handshake, and with it the connection.</param>
    /// <returns>The same connection under TLS. Of this one nothing is to be used any more but what closes it, which closes both.</returns>
    /// <exception cref="AuthenticationException">The handshake failed; the message says why a certificate was refused.</exception>
    /// <exception cref="TimeoutException">The handshake took too long.</exception>
    /// <exception cref="InvalidOperationException">A read or a write is in progress, or the connection is under TLS already.</exception>
    /// <exception cref="IOException">The peer reset or went away, or the network failed.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Connection> UpgradeToTlsServerAsync(
        SslServerAuthenticationOptions options, TlsOptions? tlsOptions = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return UpgradeAsync(new ServerHandshake(options, tlsOptions ?? new TlsOptions(), _owner.TimeProvider), cancellationToken);
    }

    private async ValueTask<Connection> UpgradeAsync(TlsHandshake handshake, CancellationToken cancellationToken)
    {
        await StartTlsAsync(handshake, cancellationToken).ConfigureAwait(false);
        Connection upgraded = _owner.OpenConnection();
        upgraded.Stopping = Stopping;
        return upgraded;
    }

    internal async ValueTask StartTlsAsync(TlsHandshake handshake, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var layer = new TlsLayer(Input, Output, _owner, handshake.Options);
        try
        {
            _owner.BeginTls(layer);
        }
        catch
        {
            layer.Dispose();
            throw;
        }

        using HandshakeMeter meter = HandshakeMeter.Begin(_owner.Metrics);
        try
        {
            await handshake.RunAsync(layer, cancellationToken).ConfigureAwait(false);
            meter.End(layer.Session?.Protocol, failure: null);
        }
        catch (Exception exception)
        {
            // A handshake that our own close has hit, whatever SslStream makes of that.
            bool isClosed = _owner.IsClosed && exception is IOException or InvalidOperationException or AuthenticationException;
            Abort();
            meter.End(protocol: null, exception);
            if (isClosed)
            {
                throw layer.Closed();
            }

            throw;
        }
    }
}
