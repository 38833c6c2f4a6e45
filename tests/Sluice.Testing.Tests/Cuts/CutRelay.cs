namespace Sluice.Testing.Tests.Cuts;

/// <summary>Passes bytes on between a client and a server, and ends both connections in order after some of them.</summary>
internal sealed class CutRelay(SelectorManager selector, string server, Cut? cut)
{
    /// <summary>Gets the number of bytes of the client that have passed.</summary>
    public long FromClient { get; private set; }

    /// <summary>Gets the number of bytes of the server that have passed.</summary>
    public long FromServer { get; private set; }

    public Task RunAsync() => Programs.ServeAsync(selector, async client =>
    {
        await using StreamSocket socket = await selector.Tcp().ConnectAsync(server, Programs.Port);
        Connection connection = socket.OpenConnection();
        using var over = new CancellationTokenSource();
        Task forth = PassAsync(client, connection, cut is { OfServer: false }, over);
        Task back = PassAsync(connection, client, cut is { OfServer: true }, over);
        await Task.WhenAll(forth, back);
        FromClient += client.Input.TotalBytesRead;
        FromServer += connection.Input.TotalBytesRead;
    });

    private async Task PassAsync(Connection from, Connection to, bool cuts, CancellationTokenSource over)
    {
        try
        {
            await CopyAsync(from, to, cuts ? cut!.After : null, over);
            await to.Output.CompleteAsync();
            await from.Input.SkipAsync(long.MaxValue);
        }
        catch (IOException)
        {
            // An end that has failed resets its connection.
        }
    }

    private static async Task CopyAsync(Connection from, Connection to, int? cutAfter, CancellationTokenSource over)
    {
        try
        {
            await from.Input.CopyToAsync(to.Output, cutAfter ?? long.MaxValue, over.Token);
            if (cutAfter is not null)
            {
                await over.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The other direction is cut.
        }
    }
}
