using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Cli;

/// <summary>The TLS options of <c>sluice connect</c>.</summary>
internal sealed record ConnectTls(string Host, string? AuthorityFile, bool Insecure, StartTls StartTls)
{
    /// <summary>Starts TLS on a connection, and prints the negotiated protocol to standard error.</summary>
    public async Task<Connection> BeginAsync(Connection connection)
    {
        SslClientAuthenticationOptions options = Options();
        await StartTlsDialogue.RunAsync(StartTls, connection);
        Connection secured = await connection.UpgradeToTlsClientAsync(options);
        await Console.Error.WriteLineAsync($"{secured.Tls!.Protocol}, {secured.Tls.CipherSuite}, {secured.Tls.RemoteCertificate?.Subject}");
        return secured;
    }

    private SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions { TargetHost = Host };
        if (Insecure)
        {
            return options.DangerousAcceptAnyCertificate();
        }

        if (AuthorityFile is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(AuthorityFile);
            if (options.CertificateChainPolicy.CustomTrustStore.Count == 0)
            {
                throw new IOException($"{AuthorityFile} contains no certificate.");
            }
        }

        return options;
    }
}
