using System.Net.Security;
using System.Security.Authentication;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Tls;

/// <summary>Runs a handshake of either side within a timeout. Its exceptions contain the reason of a failure.</summary>
internal abstract class TlsHandshake(TlsOptions options, TimeProvider timeProvider)
{
    // RFC 8996: versions before 1.2 must not be used.
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
            throw new TimeoutException($"The TLS handshake with {layer.PeerName} did not complete within {Options.HandshakeTimeout.TotalSeconds:0.###} s.");
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

    /// <summary>Puts the reason into the message: the framework has it in the innermost exception, for instance the name of an alert.</summary>
    protected virtual AuthenticationException Explain(AuthenticationException failure, string peer) =>
        new($"The TLS handshake with {peer} failed: {failure.GetBaseException().Message}", failure);
}
