using System.Net.Security;
using System.Security.Authentication;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>A handshake of either side, bounded in time, with failures that name their reason.</summary>
internal abstract class TlsHandshake(TlsOptions options, TimeProvider timeProvider)
{
    // RFC 8996: what is older than 1.2 is not to be used.
    protected const SslProtocols DefaultProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    public TlsOptions Options { get; } = options;

    protected TimeProvider TimeProvider { get; } = timeProvider;

    public async Task RunAsync(TlsLayer layer, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(Options.HandshakeTimeout, TimeProvider, cancellationToken);
        try
        {
            await layer.AuthenticateAsync(AuthenticateAsync, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.Token.IsCancellationRequested)
        {
            // The token of the exception is the deadline's, or that of a callback: HasPassed throws the caller's.
            await deadline.Token.LeaveCancelAsync();
            deadline.HasPassed();
            throw new TimeoutException($"The TLS handshake with {layer.PeerName} was not done within {Options.HandshakeTimeout.TotalSeconds:0.###} s.");
        }
        catch (AuthenticationException failure)
        {
            throw Explain(failure, layer.PeerName);
        }
        catch (IOException failure)
        {
            throw layer.Named(failure, "The TLS handshake with");
        }
    }

    protected abstract Task AuthenticateAsync(SslStream ssl, CancellationToken cancellationToken);

    /// <summary>The failure with its reason in the message, which the framework has in the innermost exception: an alert's name, for one.</summary>
    protected virtual AuthenticationException Explain(AuthenticationException failure, string peer) =>
        new($"The TLS handshake with {peer} failed: {failure.GetBaseException().Message}", failure);
}
