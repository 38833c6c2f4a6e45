using System.Globalization;
using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using Sluice;
using Sluice.Tls;

// A minimal mail server that shows how to start TLS on an open connection. Usage: StartTls [PORT]
// Talk to it with: openssl s_client -connect 127.0.0.1:2525 -starttls smtp -quiet -crlf
int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2525;

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
using X509Certificate2 certificate = DevelopmentCertificates.CreateServer(authority);
var tls = new SslServerAuthenticationOptions
{
    ServerCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null),
};

await using var selector = new SelectorManager();
await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", port);
Console.WriteLine($"Started STARTTLS server at {server.LocalEndPoint}");
await server.ServeAsync(ServeAsync, cancellationToken: stopping.Token);

async Task ServeAsync(Connection connection, CancellationToken cancellationToken)
{
    await connection.Output.WriteLineAsync("220 localhost", cancellationToken);
    while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
    {
        switch (line.Split(' ')[0].ToUpperInvariant())
        {
            case "EHLO" when connection.Tls is null:
                await connection.Output.WriteLineAsync("250-localhost\r\n250 STARTTLS", cancellationToken);
                break;
            case "STARTTLS" when connection.Tls is null:
                await connection.Output.WriteLineAsync("220 begin", cancellationToken);

                // Continue with the encrypted connection. Bytes that the client sent too early are not part of it.
                connection = await connection.UpgradeToTlsServerAsync(tls, cancellationToken: cancellationToken);
                break;
            case "EHLO" or "NOOP":
                await connection.Output.WriteLineAsync($"250 {connection.Tls?.Protocol.ToString() ?? "plain"}", cancellationToken);
                break;
            case "QUIT":
                await connection.Output.WriteLineAsync("221 bye", cancellationToken);
                await connection.CloseAsync(cancellationToken);
                return;
            default:
                await connection.Output.WriteLineAsync("502 no", cancellationToken);
                break;
        }
    }
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}
