using System.Net.Security;
using System.Security.Authentication;
using Sluice.Diagnostics;
using Sluice.Tls;

namespace Sluice;

public sealed partial class Connection
{
    /// <summary>Gets the negotiated parameters of TLS; null if the connection does not use TLS.</summary>
    public TlsSession? Tls => _owner.Layer?.Session;

    /// <summary>
    /// Begins TLS as the client, on an open connection that may have been used before (STARTTLS). Bytes that were received and not yet read count as the
    /// beginning of the server's handshake, never as plain text. Suspends for the handshake.
    /// </summary>
    /// <param name="options">
    /// The framework's options. The server's certificate must have the name <see cref="SslClientAuthenticationOptions.TargetHost"/>. The default
    /// protocols are TLS 1.2 and 1.3.
    /// </param>
    /// <param name="tlsOptions">The bounds of the handshake; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the handshake, and with it the connection.</param>
    /// <returns>The connection with TLS. Only members that close may be called on this one afterwards; they close both.</returns>
    /// <exception cref="AuthenticationException">The handshake failed; the message says why a certificate was rejected.</exception>
    /// <exception cref="ArgumentException">The options have no target host.</exception>
    /// <exception cref="TimeoutException">The handshake took too long.</exception>
    /// <exception cref="InvalidOperationException">A read or a write is in progress, or the connection uses TLS already.</exception>
    /// <exception cref="IOException">The peer reset or went away, or the network failed.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed, or was closed during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<Connection> UpgradeToTlsClientAsync(
        SslClientAuthenticationOptions options, TlsOptions? tlsOptions = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return UpgradeAsync(new ClientHandshake(options, host: null, tlsOptions ?? new TlsOptions(), _owner.TimeProvider), cancellationToken);
    }

    /// <summary>Begins TLS as the server, on an open connection that may have been used before. Suspends for the handshake.</summary>
    /// <param name="options">The framework's options. The default protocols are TLS 1.2 and 1.3.</param>
    /// <param name="tlsOptions">The bounds of the handshake; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the handshake, and with it the connection.</param>
    /// <returns>The connection with TLS. Only members that close may be called on this one afterwards; they close both.</returns>
    /// <exception cref="AuthenticationException">The handshake failed; the message says why a certificate was rejected.</exception>
    /// <exception cref="TimeoutException">The handshake took too long.</exception>
    /// <exception cref="InvalidOperationException">A read or a write is in progress, or the connection uses TLS already.</exception>
    /// <exception cref="IOException">The peer reset or went away, or the network failed.</exception>
    /// <exception cref="ObjectDisposedException">The connection is closed, or was closed during the call.</exception>
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
        upgraded.OutboxOptions = OutboxOptions;
        return upgraded;
    }

    internal async ValueTask StartTlsAsync(TlsHandshake handshake, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var layer = new TlsLayer(Input, Output, _owner, handshake.Options);
        try
        {
            if (_outbox is not null)
            {
                await Output.EndMessagesAsync(OpenedOutbox?.Messages, cancellationToken).ConfigureAwait(false);
            }

            _owner.BeginTls(layer);
            Output.RefuseMessages();
        }
        catch
        {
            layer.Dispose();
            throw;
        }

        using HandshakeMeter meter = HandshakeMeter.Begin(_owner);
        try
        {
            await handshake.RunAsync(layer, cancellationToken).ConfigureAwait(false);
            meter.End(layer.Session?.Protocol, failure: null);
        }
        catch (Exception exception)
        {
            // SslStream throws exceptions of several types if the connection is closed on this side during the handshake.
            bool isClosed = _owner.IsClosed && exception is IOException or InvalidOperationException or AuthenticationException;
            if (!_owner.IsClosed)
            {
                Abort();
            }

            meter.End(protocol: null, exception);
            if (isClosed)
            {
                throw layer.Closed();
            }

            throw;
        }
    }
}
