using System.Net.Security;
using System.Security.Authentication;

namespace Sluice.Cli.Tls;

/// <summary>The TLS options of a client.</summary>
internal sealed record ClientTls
{
    /// <summary>Gets the name that the certificate must match, which is also sent as SNI; null for the host.</summary>
    public string? ServerName { get; init; }

    public string? AuthorityFile { get; init; }

    public bool Insecure { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    /// <summary>Gets the application protocols to offer, the preferred one first.</summary>
    public IReadOnlyList<string> Protocols { get; init; } = [];

    public StartTls StartTls { get; init; }

    /// <summary>Gets the only version to offer; none for those of the system.</summary>
    public SslProtocols Version { get; init; }

    /// <summary>Gets what accepts any certificate and records its chain; null for a connection that needs a valid certificate.</summary>
    public ChainRecorder? Recorder { get; init; }

    /// <summary>Gets a value indicating whether the negotiated protocol is printed to standard error.</summary>
    public bool Announces { get; init; }

    /// <summary>Gets what is called when the server asks for a client certificate, and there is none to give it.</summary>
    public Action? CertificateRequested { get; init; }

    /// <summary>Starts TLS on a connection.</summary>
    public async Task<Connection> BeginAsync(Connection connection, string host, CancellationToken cancellationToken)
    {
        SslClientAuthenticationOptions options = Options(host);
        bool isAsked = false;
        if (CertificateFile is null)
        {
            options.LocalCertificateSelectionCallback = (_, _, _, remote, _) =>
            {
                // The first call comes before the server has said anything.
                if (remote is not null)
                {
                    isAsked = true;
                    CertificateRequested?.Invoke();
                }

                return null!;
            };
        }

        await StartTlsDialogue.RunAsync(StartTls, connection, ServerName ?? host, cancellationToken);
        Connection secured;
        try
        {
            secured = await connection.UpgradeToTlsClientAsync(options, cancellationToken: cancellationToken);
        }
        catch (Exception exception) when (isAsked && TlsText.IsAlert(exception))
        {
            // The alert alone does not say so: in TLS 1.2, it is the one of a server that has no version or cipher suite of the client.
            throw new AuthenticationException($"{exception.Message}; the server asks for a client certificate.", exception);
        }

        if (Announces)
        {
            TlsSession session = secured.Tls!;
            string protocol = session.ApplicationProtocol.Protocol.IsEmpty ? string.Empty : $"{session.ApplicationProtocol}, ";
            await Console.Error.WriteLineAsync($"{session.Protocol}, {session.CipherSuite}, {protocol}{session.RemoteCertificate?.Subject}");
        }

        return secured;
    }

    /// <summary>Reads the files once, before the first connection: later, one that cannot be read would seem to be a fault of the server.</summary>
    public void CheckFiles() => _ = Options(string.Empty);

    /// <summary>Creates the options of the handshake. Files are read here.</summary>
    public SslClientAuthenticationOptions Options(string host)
    {
        var options = new SslClientAuthenticationOptions { TargetHost = ServerName ?? host, EnabledSslProtocols = Version };
        if (Protocols.Count > 0)
        {
            options.ApplicationProtocols = [.. Protocols.Select(protocol => new SslApplicationProtocol(protocol))];
        }

        if (CertificateFile is not null)
        {
            options.ClientCertificateContext = CertificateReader.ReadContext(CertificateFile, KeyFile);
        }

        if (Insecure)
        {
            return options.DangerousAcceptAnyCertificate();
        }

        if (AuthorityFile is not null)
        {
            options.CertificateChainPolicy = CertificateReader.ReadAuthorities(AuthorityFile);
        }

        Recorder?.Use(options);
        return options;
    }
}
