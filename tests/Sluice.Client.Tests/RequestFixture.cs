namespace Sluice.Client.Tests;

/// <summary>Tests of a request channel whose peer the test plays, line by line.</summary>
public abstract class RequestFixture(SelectorEngine engine) : BothEngines(engine)
{
    protected static readonly string[] Names = ["a", "b", "c"];

    /// <summary>A channel of lines, and the connection of its peer.</summary>
    protected async Task<(RequestChannel<string, string> Channel, Connection Peer)> OpenAsync(Action<RequestChannelOptions>? configure = null)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        var options = new RequestChannelOptions();
        configure?.Invoke(options);
        return (RequestChannel.Create(client, new LineProtocol(), options), server);
    }

    /// <summary>A channel of lines with ids, and the connection of its peer.</summary>
    protected async Task<(RequestChannel<string, string> Channel, Connection Peer)> OpenMultiplexedAsync(
        Action<RequestChannelOptions>? configure = null, long maxId = int.MaxValue)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        var options = new RequestChannelOptions();
        configure?.Invoke(options);
        return (RequestChannel.Create(client, new IdProtocol(maxId), options), server);
    }

    protected static async Task<string> ReadAsync(Connection peer) => await peer.Input.ReadLineAsync().Soon() ?? "(end)";

    protected static Task WriteAsync(Connection peer, string text) => peer.Output.WriteStringAsync(text).Soon();

    protected static async Task<RequestException> FailureAsync(Task<string> request)
    {
        Exception? exception = await request.OutcomeAsync();
        Assert.That(exception, Is.InstanceOf<RequestException>());
        return (RequestException)exception!;
    }

    /// <summary>Answers each line with itself, until the end.</summary>
    protected static async Task EchoAsync(Connection peer)
    {
        while (await peer.Input.ReadLineAsync() is { } line)
        {
            await peer.Output.WriteStringAsync(line + "\n");
        }
    }
}
