namespace Sluice.Bench.Contenders;

/// <summary>What <c>sluice echo --raw</c> runs, on one loop.</summary>
internal static class SluiceEcho
{
    public static async Task RunAsync(SelectorOptions options, Action<int> listening)
    {
        await using var selector = new SelectorManager(options);
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        listening(server.Port);
        await server.ServeAsync(static async (connection, cancellationToken) =>
        {
            byte[] buffer = new byte[64 * 1024];
            int count;
            while ((count = await connection.Input.ReadAsync(buffer, cancellationToken)) > 0)
            {
                await connection.Output.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        });
    }
}
