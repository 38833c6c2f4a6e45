using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using Sluice;
using Sluice.Tls;

// Usage: TlsEcho [PORT [CERTIFICATE.pem KEY.key]]. Talk to it with: openssl s_client -connect 127.0.0.1:2443 -quiet -crlf
int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2443;

using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

await using var selector = new SelectorManager();
await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", port);
if (args is [_, var certificateFile, var keyFile])
{
    // The files are watched: a renewed certificate is used for new connections.
    server.UseTls(WatchedCertificate.FromPem(certificateFile, keyFile));
}
else
{
    using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
    server.UseTls(DevelopmentCertificates.CreateServer(authority));
}

Console.WriteLine($"Started TLS echo server at {server.LocalEndPoint}");

// The same handler as without TLS.
await server.ServeAsync(async (connection, cancellationToken) =>
{
    Console.WriteLine($"{connection.Socket.RemoteEndPoint}: {connection.Tls!.Protocol}, {connection.Tls.CipherSuite}");
    while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
    {
        await connection.Output.WriteLineAsync(line, cancellationToken);
    }
}, cancellationToken: stopping.Token);

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}
