using System.Globalization;
#if (tls)
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
#endif
using Sluice;

// Sends the lines of standard input to a server, and prints the line that the server answers to each.
#if (tls)
// Usage: dotnet run [HOST [PORT [CA.pem]]]; without CA.pem, the server's certificate must come from an authority that the system trusts.
#else
// Usage: dotnet run [HOST [PORT]]
#endif
string host = args.Length > 0 ? args[0] : "127.0.0.1";
int port = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 2323;

// A connect, read or write that waits longer than this fails.
#if (tls)
TcpSocketBuilder tcp = SelectorManager.Shared.Tcp().Configure(options => options.SocketTimeout = TimeSpan.FromSeconds(30));
await using StreamSocket socket = await tcp.ConnectTlsAsync(host, port, new SslClientAuthenticationOptions
{
    TargetHost = host,
    CertificateChainPolicy = args.Length > 2 ? TrustOnly(args[2]) : null,
});
#else
TcpSocketBuilder tcp = SelectorManager.Shared.Tcp().Configure(options => options.SocketTimeout = TimeSpan.FromSeconds(30));
await using StreamSocket socket = await tcp.ConnectAsync(host, port);
#endif
Connection connection = socket.OpenConnection();

using var input = new StreamReader(Console.OpenStandardInput());
while (await input.ReadLineAsync() is { } line)
{
    await connection.Output.WriteLineAsync(line);
    if (await connection.Input.ReadLineAsync() is not { } answer)
    {
        Console.Error.WriteLine("The server has closed the connection.");
        return 1;
    }

    Console.WriteLine(answer);
}

return 0;
#if (tls)

static X509ChainPolicy TrustOnly(string file)
{
    var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
    policy.CustomTrustStore.ImportFromPemFile(file);
    return policy;
}
#endif
