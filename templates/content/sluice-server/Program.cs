using System.Globalization;
using System.Runtime.InteropServices;
#if (tls)
using System.Security.Cryptography.X509Certificates;
#endif
using Sluice;
#if (tls)
using Sluice.Tls;
#endif

// A server that sends each line back.
#if (tls)
// Usage: dotnet run [PORT [CERTIFICATE.pem KEY.pem]]; port 0 means any free port.
#else
// Usage: dotnet run [PORT]; port 0 means any free port.
#endif
int port = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 2323;

// Ctrl-C and SIGTERM stop the server: it accepts no more clients, and lets handlers finish for at most ten seconds.
using var stopping = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

var options = new ServeOptions
{
    MaxConnections = 1_000,
    Grace = TimeSpan.FromSeconds(10),
    OnError = (connection, error) =>
    {
        // A reset or a line that is too long is the client's fault. Other errors are bugs; they end this connection only.
        if (!connection.IsPeerFault(error))
        {
            Console.Error.WriteLine(error);
        }
    },
};

await using var selector = new SelectorManager();
await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", port);
#if (tls)
if (args is [_, var certificateFile, var keyFile])
{
    // The files are watched: a renewed certificate is used for new connections.
    server.UseTls(WatchedCertificate.FromPem(certificateFile, keyFile));
}
else
{
    // For development: a certificate for localhost, by an authority that clients trust if they have read ca.pem.
    using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
    CertificateFiles.WritePem(authority, "ca.pem");
    server.UseTls(DevelopmentCertificates.CreateServer(authority));
}

#endif
Console.WriteLine($"Listening at {server.LocalEndPoint}");
await server.ServeAsync(HandleAsync, options, stopping.Token);
Console.WriteLine("Stopped");

static async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
{
    // Reads end when the server begins to stop, so idle clients do not delay it. A line that has arrived is still answered.
    while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
    {
        await connection.Output.WriteLineAsync(line, cancellationToken);
    }
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stopping.Cancel();
}
