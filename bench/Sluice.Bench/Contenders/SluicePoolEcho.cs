namespace Sluice.Bench.Contenders;

/// <summary>What <c>sluice echo --raw</c> runs, but with continuations on the thread pool.</summary>
internal static class SluicePoolEcho
{
    public static async Task RunAsync(Action<int> listening)
    {
        await using var selector = new SelectorManager(new SelectorOptions
        {
            Engine = SelectorEngine.Epoll,
            LoopCount = 1,
            ContinuationScheduling = ContinuationScheduling.ThreadPool,
        });
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        listening(server.Port);
        await server.ServeAsync(static async (connection, cancellationToken) =>
        {
            byte[] buffer = new byte[16 * 1024];
            int count;
            while ((count = await connection.Input.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await connection.Output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        });
    }
}
