using RespClient;
using Sluice.Client;

namespace Sluice.Bench.Redis;

/// <summary>Sluice's sample client.</summary>
internal sealed class SluiceLoad(SelectorManager selector, RequestChannel<string[], RespValue> redis) : IRedisLoad
{
    public string Name => $"sluice-{selector.Engine.ToString().ToLowerInvariant()}";

    public static async Task<IRedisLoad> ConnectAsync(int port)
    {
        var selector = new SelectorManager();
        StreamSocket socket = await selector.Tcp().ConnectAsync("127.0.0.1", port);
        return new SluiceLoad(selector, RequestChannel.Create(socket.OpenConnection(), new RespProtocol()));
    }

    public async Task<int> CallAsync(string key, string value, Func<bool> isOver)
    {
        int calls = 0;
        string[] get = ["GET", key];
        string[] set = ["SET", key, value];
        while (!isOver())
        {
            await redis.SendAsync(set).ConfigureAwait(false);
            RespValue reply = await redis.SendAsync(get).ConfigureAwait(false);
            Check.Same(reply.Bytes, value);
            calls += 2;
        }

        return calls;
    }

    public async ValueTask DisposeAsync()
    {
        await redis.DisposeAsync();
        await selector.DisposeAsync();
    }
}
