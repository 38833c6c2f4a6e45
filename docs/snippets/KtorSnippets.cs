namespace Sluice.Snippets;

internal static class KtorSnippets
{
    public static async Task ServerAsync()
    {
        // <server>
        await using var selector = new SelectorManager();
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1", 2323);
        Console.WriteLine($"Listening at {server.LocalEndPoint}");

        await server.ServeAsync(async (connection, cancellationToken) =>
        {
            while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
            {
                await connection.Output.WriteLineAsync(line, cancellationToken);
            }
        });
        // </server>
    }
}
