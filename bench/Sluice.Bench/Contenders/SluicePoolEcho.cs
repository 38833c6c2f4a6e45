namespace Sluice.Bench.Contenders;

/// <summary>What <c>sluice echo</c> runs, but with continuations on the thread pool.</summary>
internal static class SluicePoolEcho
{
    public static async Task RunAsync(EchoMode mode, Action<int> listening)
    {
        await using var selector = new SelectorManager(new SelectorOptions
        {
            Engine = SelectorEngine.Epoll,
            ContinuationScheduling = ContinuationScheduling.ThreadPool,
        });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        listening(server.Port);
        await server.ServeAsync(mode == EchoMode.Raw ? EchoBytesAsync : EchoLinesAsync);
    }

    private static async Task EchoLinesAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken: cancellationToken) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }

    private static async Task EchoBytesAsync(Connection connection, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16 * 1024];
        int count;
        while ((count = await connection.Input.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await connection.Output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
    }
}
