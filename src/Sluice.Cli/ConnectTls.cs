using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Cli;

/// <summary>What <c>sluice connect --tls</c> was asked for.</summary>
internal sealed record ConnectTls(string Host, string? AuthorityFile, bool Insecure, StartTls StartTls)
{
    /// <summary>Puts a connection under TLS, and says on the standard error what was agreed upon.</summary>
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
                throw new IOException($"There is no certificate in {AuthorityFile}.");
            }
        }

        return options;
    }
}
