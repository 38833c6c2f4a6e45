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
        Connection connection = socket.OpenConnection();                // the same channels as without TLS
        Console.WriteLine($"{socket.Tls!.Protocol}, {socket.Tls.CipherSuite}");
        // </tls-connect>
        await connection.CloseAsync(token);
    }

    public static async Task ServeAsync(
        SelectorManager selector, X509Certificate2 certificate, Func<Connection, CancellationToken, Task> handler, CancellationToken token)
    {
        // <tls-serve>
        await using ServerSocket server = await selector.Tcp().BindAsync(
            "0.0.0.0", 8443, options => options.Tls = new ListenerTlsOptions(certificate), token);
        await server.ServeAsync(handler, cancellationToken: token);     // the same handler as without TLS
        // </tls-serve>
    }

    public static void Options(TcpListenerOptions listener, X509Certificate2 certificate, X509ChainPolicy trusted)
    {
        // <tls-options>
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = true,                           // connection.Tls.RemoteCertificate is the client's
            CertificateChainPolicy = trusted,
            ApplicationProtocols = [new SslApplicationProtocol("mqtt")],
        };
        listener.Tls = new ListenerTlsOptions(options, new TlsOptions { HandshakeTimeout = TimeSpan.FromSeconds(5) });
        // </tls-options>
    }

    public static void Names(TcpListenerOptions listener)
    {
        // <tls-names>
        WatchedCertificate one = WatchedCertificate.FromPem("/etc/ssl/one.pem", "/etc/ssl/one.key");
        WatchedCertificate two = WatchedCertificate.FromPfx("/etc/ssl/two.pfx", "secret");
        listener.Tls = new ListenerTlsOptions((_, hello, _, _) => ValueTask.FromResult(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = hello.ServerName == "two.example.com" ? two.Context : one.Context,
        }));
        // </tls-names>
    }

    public static async Task UpgradeAsync(Connection plain, SslServerAuthenticationOptions options, CancellationToken token)
    {
        // <tls-upgrade>
        await using Connection connection = await plain.UpgradeToTlsServerAsync(options, cancellationToken: token);
        // </tls-upgrade>
    }

    public static async Task<Connection> StartTlsAsync(Connection connection, CancellationToken token)
    {
        // <tls-starttls>
        await connection.Output.WriteLineAsync("STARTTLS", token);
        if (await connection.Input.ReadLineAsync(token) is not { } answer || !answer.StartsWith("220", StringComparison.Ordinal))
        {
            throw new IOException("The server does not support STARTTLS.");
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
        CertificateFiles.WriteKeyPem(server, "server.key");             // readable by its owner only
        // </tls-certificates>
    }
}
