using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sluice.Cli.EndPoints;
using Sluice.Cli.Tls;

namespace Sluice.Cli.Check;

/// <summary>Begins TLS, and says why it fails.</summary>
internal sealed class TlsCheck(SelectorManager selector, CheckSettings settings, CheckOutput output)
{
    // The handshake succeeds whatever the certificate is, so that it can be shown.
    private readonly ChainRecorder _chain = new();

    private bool _asksForCertificate;

    private string PlainAddress => settings.Address.Kind == AddressKind.Tls ? $"{settings.Address.HostAndPort} without tls://" : $"{settings.Address} without --tls";

    /// <summary>Begins TLS on a connection. Exactly one of the results is null.</summary>
    public async Task<(Connection? Connection, Verdict? Fault)> RunAsync(StreamSocket socket)
    {
        var dialer = new Dialer(selector, settings.Dial with { Tls = settings.Dial.Tls with { Recorder = _chain, CertificateRequested = () => _asksForCertificate = true } });
        long began = Stopwatch.GetTimestamp();
        try
        {
            Connection connection = await dialer.SecureAsync(socket, settings.Address, CancellationToken.None);
            TlsSession session = connection.Tls!;
            output.Step("tls", $"{TlsText.NameOf(session.Protocol)}, {session.CipherSuite}", ok: true, Stopwatch.GetElapsedTime(began));
            if (JudgeCertificate(session) is not { } fault)
            {
                return (connection, null);
            }

            await connection.DisposeAsync();
            return (null, fault);
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException or TimeoutException or SocketException)
        {
            string reason = exception is TimeoutException ? "no answer" : TlsText.ReasonOf(exception);
            output.Step("tls", reason, ok: false, Stopwatch.GetElapsedTime(began));
            return (null, await ExplainAsync(exception, reason));
        }
    }

    private Verdict? JudgeCertificate(TlsSession session)
    {
        if (_chain.Certificates is not [var own, ..])
        {
            return null;
        }

        string trust = _chain.Refusal is { } reason ? $"refused: {reason}" : $"trusted for {session.ServerName}";
        output.Step("certificate", $"{own.Subject}, {CertificateText.TimeLeft(own)}, {trust}", _chain.Refusal is null);
        return _chain.Refusal is null ? null : new Verdict(Fault.Certificate, $"The server is there and speaks TLS, but its certificate is refused: {_chain.Refusal}. {AdviceFor(own, session.ServerName)}");
    }

    private string AdviceFor(X509Certificate2 own, string? name)
    {
        if (_chain.Certificates.Any(one => CertificateText.DaysLeft(one) < 0))
        {
            return "Renew it, and see that the server uses the new one.";
        }

        return own.MatchesHostname(name ?? string.Empty, allowWildcards: true, allowCommonName: false)
            ? "If you trust it, give the certificate of its authority with --ca; if the authority is a public one, the server has to send the certificates between them."
            : "Connect by a name that it has, or give one of them with --servername.";
    }

    private async Task<Verdict> ExplainAsync(Exception exception, string reason)
    {
        if (settings.Dial.Tls.StartTls != StartTls.None)
        {
            return new Verdict(Fault.Tls, $"The server accepts the connection, but {StartTlsName} does not lead to TLS: {reason}.");
        }

        if (TlsText.IsAlert(exception))
        {
            if (_asksForCertificate)
            {
                return new Verdict(Fault.Tls, $"The server speaks TLS, but refuses the handshake: {reason}. It asks for a client certificate: give one with --cert.");
            }

            return new Verdict(Fault.Tls, $"The server speaks TLS, but refuses the handshake: {reason}. See with 'sluice tls' which versions it takes; it may also want a client certificate (--cert) or another --servername.");
        }

        if (await new OtherProtocol(selector, settings).ReadPlainAsync() is { Count: > 0 } plain)
        {
            string upgrade = UpgradeFor(plain.FirstLine) is { } protocol ? $", or --starttls {protocol}" : string.Empty;
            return new Verdict(Fault.Plain, $"The server does not speak TLS: in plain text, it says '{plain.FirstLine}'. Try {PlainAddress}{upgrade}.");
        }

        return new Verdict(Fault.Tls, exception is TimeoutException
            ? $"The server accepts the connection, but does not answer the TLS handshake: it does not speak TLS, or it hangs. Try {PlainAddress}."
            : $"The server accepts the connection, but the TLS handshake fails: {reason}. Probably it does not speak TLS. Try {PlainAddress}.");
    }

    private string StartTlsName => $"--starttls {settings.Dial.Tls.StartTls.ToString().ToLowerInvariant()}";

    // Protocols in which the server speaks first, by its first words.
    private static string? UpgradeFor(string greeting) => greeting switch
    {
        ['*', ' ', 'O', 'K', ..] => "imap",
        ['+', 'O', 'K', ..] => "pop3",
        ['2', '2', '0', ..] => greeting.Contains("FTP", StringComparison.OrdinalIgnoreCase) ? "ftp" : "smtp",
        _ => null,
    };
}
