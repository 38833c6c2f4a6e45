namespace Sluice.Tests.CrossCutting.Closing;

/// <summary>Two connected ends, of which a test closes the near one.</summary>
/// <param name="Near">The end that is closed.</param>
/// <param name="Far">Its peer, which another manager owns.</param>
/// <param name="Server">The server that has accepted the near end, if its stop is the close.</param>
/// <param name="HandlerEnd">Ends the server's handler.</param>
/// <param name="Serving">The server's task.</param>
internal sealed record ClosingPair(
    Connection Near, Connection Far, ServerSocket? Server = null, TaskCompletionSource? HandlerEnd = null, Task? Serving = null)
{
    public static async Task<ClosingPair> ConnectAsync(bool unix, SelectorManager near, SelectorManager far)
    {
        using var folder = new UnixFolder();
        await using ServerSocket server = await BindAsync(unix, far, folder);
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        StreamSocket socket = await ConnectAsync(server, near, folder);
        return new ClosingPair(socket.OpenConnection(), (await accepting.Soon()).OpenConnection());
    }

    /// <summary>The near end is the one that a server's handler has.</summary>
    public static async Task<ClosingPair> ServeAsync(bool unix, SelectorManager near, SelectorManager far)
    {
        using var folder = new UnixFolder();
        ServerSocket server = await BindAsync(unix, near, folder);
        var accepted = new TaskCompletionSource<Connection>();
        var end = new TaskCompletionSource();
        Task serving = server.ServeAsync((connection, _) =>
        {
            accepted.SetResult(connection);
            return end.Task;
        });
        StreamSocket socket = await ConnectAsync(server, far, folder);
        return new ClosingPair(await accepted.Task.Soon(), socket.OpenConnection(), server, end, serving);
    }

    private static Task<ServerSocket> BindAsync(bool unix, SelectorManager manager, UnixFolder folder) =>
        (unix ? manager.Unix().BindAsync(folder["s"]) : manager.Tcp().BindAsync("127.0.0.1")).Soon();

    private static Task<StreamSocket> ConnectAsync(ServerSocket server, SelectorManager manager, UnixFolder folder) =>
        (server.Port == 0 ? manager.Unix().ConnectAsync(folder["s"]) : manager.Tcp().ConnectAsync(server.LocalEndPoint)).Soon();
}
