using Sluice.Tls;

namespace Sluice.Faults.Moving;

/// <summary>Sends back what it receives. The first byte of a connection says by what means.</summary>
internal static class EchoServer
{
    public const int Port = 7000;
    public const int TlsPort = 7001;

    /// <summary>The means: through a buffer, pipes, streams, and by the channels' own copy, which on Linux is the kernel's.</summary>
    public static ReadOnlySpan<byte> Means => "bpsc"u8;

    /// <summary>Serves until its standard input ends. Each line of it is answered with what was logged since the last.</summary>
    public static async Task RunAsync(SelectorEngine engine)
    {
        using var log = new ServerLog();
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine, LoggerFactory = log });
        await using ServerSocket plain = await selector.Tcp().BindAsync("0.0.0.0", Port, Configure);
        await using ServerSocket tls = (await selector.Tcp().BindAsync("0.0.0.0", TlsPort, Configure)).UseTls(
            DevelopmentCertificates.CreateServer(DevelopmentCertificates.CreateAuthority()));
        Task serving = Task.WhenAll(plain.ServeAsync(EchoAsync), tls.ServeAsync(EchoAsync));
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.WriteLine(log.Take());
        }

        await Task.WhenAll(plain.StopAsync(TimeSpan.Zero), tls.StopAsync(TimeSpan.Zero));
        await serving;
    }

    private static void Configure(TcpListenerOptions options)
    {
        options.Backlog = 1024;
        options.Accepted.SocketTimeout = Mover.SocketTimeout;
    }

    private static async Task EchoAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            await EchoByAnyMeansAsync(connection, cancellationToken);
        }
        catch
        {
            // An orderly end would tell the client that all of it was sent back.
            connection.Abort();
            throw;
        }
    }

    private static async Task EchoByAnyMeansAsync(Connection connection, CancellationToken cancellationToken)
    {
        byte means = await connection.Input.ReadByteAsync(cancellationToken);
        switch (means)
        {
            case (byte)'b':
                byte[] buffer = new byte[10_000];
                int count;
                while ((count = await connection.Input.ReadAsync(buffer, cancellationToken)) > 0)
                {
                    await connection.Output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                }

                break;
            case (byte)'p':
                await connection.Input.AsPipeReader().CopyToAsync(connection.Output.AsPipeWriter(), cancellationToken);
                break;
            case (byte)'s':
                await connection.Input.AsStream().CopyToAsync(connection.Output.AsStream(), cancellationToken);
                break;
            default:
                await connection.Input.CopyToAsync(connection.Output, cancellationToken: cancellationToken);
                break;
        }

        await connection.Output.CompleteAsync(cancellationToken);
    }
}
