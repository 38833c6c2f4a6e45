using StackExchange.Redis;

namespace Sluice.Bench.Redis;

/// <summary>StackExchange.Redis.</summary>
internal sealed class StackExchangeLoad(ConnectionMultiplexer redis) : IRedisLoad
{
    public string Name => "stackexchange.redis";

    public static async Task<IRedisLoad> ConnectAsync(int port) =>
        new StackExchangeLoad(await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port}"));

    public async Task<int> CallAsync(string key, string value, Func<bool> isOver)
    {
        IDatabase database = redis.GetDatabase();
        int calls = 0;
        while (!isOver())
        {
            await database.StringSetAsync(key, value).ConfigureAwait(false);
            Check.Same(await database.StringGetAsync(key).ConfigureAwait(false), value);
            calls += 2;
        }

        return calls;
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();
}
