using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Snippets;

public static class TlsSnippets
{
    public static async Task ClientAsync(SelectorManager selector, CancellationToken token)
    {
        // <tls-connect>
        await using StreamSocket socket = await selector.Tcp().ConnectTlsAsync("example.com", 443, cancellationToken: token);
        Connection connection = socket.OpenConnection();                // channels as ever
        Console.WriteLine($"{socket.Tls!.Protocol}, {socket.Tls.CipherSuite}");
        // </tls-connect>
        await connection.CloseAsync(token);
    }

    public static async Task ServeAsync(ServerSocket server, X509Certificate2 certificate, CancellationToken token)
    {
        // <tls-serve>
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null),
        };
        await server.ServeAsync(
            async (plain, cancellation) =>
            {
                await using Connection connection = await plain.UpgradeToTlsServerAsync(options, cancellationToken: cancellation);
                while (await connection.Input.ReadLineAsync(cancellation) is { } line)
                {
                    await connection.Output.WriteLineAsync(line, cancellation);
                }
            },
            cancellationToken: token);
        // </tls-serve>
    }

    public static async Task<Connection> StartTlsAsync(Connection connection, CancellationToken token)
    {
        // <tls-starttls>
        await connection.Output.WriteLineAsync("STARTTLS", token);
        if (await connection.Input.ReadLineAsync(token) is not { } answer || !answer.StartsWith("220", StringComparison.Ordinal))
        {
            throw new IOException("The server does not do STARTTLS.");
        }

        var options = new SslClientAuthenticationOptions { TargetHost = "mail.example.com" };
        Connection secured = await connection.UpgradeToTlsClientAsync(options, cancellationToken: token);
        // </tls-starttls>
        return secured;
    }

    public static void Certificates()
    {
        // <tls-certificates>
        using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
        using X509Certificate2 server = DevelopmentCertificates.CreateServer(authority, ["localhost", "127.0.0.1"]);
        CertificateFiles.WritePem(authority, "ca.pem");                 // what clients trust
        CertificateFiles.WritePem(server, "server.pem");
        CertificateFiles.WriteKeyPem(server, "server.key");             // for its owner's eyes alone
        // </tls-certificates>
    }
}
