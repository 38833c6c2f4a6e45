namespace Sluice.Testing.Tests;

/// <summary>Programs that simulated hosts run.</summary>
internal static class Programs
{
    public const int Port = 9000;

    /// <summary>Sends back what it receives, until the host stops.</summary>
    public static Task EchoAsync(SelectorManager selector) => ServeAsync(selector, connection => connection.Input.CopyToAsync(connection.Output).AsTask());

    /// <summary>Serves connections, until the host stops.</summary>
    public static async Task ServeAsync(SelectorManager selector, Func<Connection, Task> handler)
    {
        await using ServerSocket server = await selector.Tcp().BindAsync("::", Port);
        await server.ServeAsync((connection, _) => handler(connection));
    }

    /// <summary>Sends a line and reads one.</summary>
    public static Task<string?> AskAsync(StreamSocket socket, string line) => AskAsync(socket.OpenConnection(), line);

    /// <inheritdoc cref="AskAsync(StreamSocket, string)"/>
    public static async Task<string?> AskAsync(Connection connection, string line)
    {
        await connection.Output.WriteLineAsync(line);
        return await connection.Input.ReadLineAsync();
    }
}
