using System.Security.Cryptography.X509Certificates;
using Sluice.Tls;

namespace Sluice.Bench.Scale;

/// <summary>Echoes lines. Prints its port, and ends when its input does.</summary>
internal static class EchoServer
{
    public static async Task RunAsync(bool tls)
    {
        using var stopping = new CancellationTokenSource();
        await using var selector = new SelectorManager();
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 0, options => options.Backlog = 4096);
        if (tls)
        {
            using X509Certificate2 authority = DevelopmentCertificates.CreateAuthority();
            server.UseTls(DevelopmentCertificates.CreateServer(authority));
        }

        Task serving = server.ServeAsync(EchoAsync, cancellationToken: stopping.Token);
        Console.WriteLine(server.Port);
        await Console.In.ReadLineAsync();
        await stopping.CancelAsync();
        await serving;
    }

    private static async Task EchoAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }
}
