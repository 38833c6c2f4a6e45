using System.Globalization;
using Cluster.Grains;
using StackExchange.Redis;

namespace Cluster.Store;

/// <summary>Keeps messages and sessions in Redis. A room is a stream whose entries have the numbers of the messages.</summary>
internal sealed class RedisStore(IConnectionMultiplexer redis) : IMessageStore
{
    // Redis runs a script as one step. The id is checked and the number is given here, and nowhere else: so it does not matter how many activations of a
    // room there are, or how often a node asks again.
    private const string Append =
        """
        local last = tonumber(redis.call('GET', KEYS[3]) or '0')
        local id = tonumber(ARGV[1])
        if id <= last then return 0 end
        if id > last + 1 then return -1 end
        local number = redis.call('INCR', KEYS[2])
        redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], number .. '-0', 't', ARGV[2])
        redis.call('SET', KEYS[3], ARGV[1], 'EX', ARGV[4])
        return number
        """;

    private const int MaxMessages = 100_000;

    private static readonly TimeSpan s_sessionLife = TimeSpan.FromDays(1);

    private IDatabase Database => redis.GetDatabase();

    public async Task<(AppendResult Result, long Number)> AppendAsync(string room, string session, long id, string text)
    {
        long number = (long)await Database.ScriptEvaluateAsync(
            Append, [Messages(room), LastNumber(room), $"{LastNumber(room)}:{session}"], [id, text, MaxMessages, (int)s_sessionLife.TotalSeconds]);
        return number switch
        {
            0 => (AppendResult.Known, 0),
            < 0 => (AppendResult.Skipped, 0),
            _ => (AppendResult.Stored, number),
        };
    }

    public async Task<Message[]> ReadAsync(string room, long after, int max)
    {
        StreamEntry[] entries = await Database.StreamRangeAsync(Messages(room), $"{after + 1}-0", "+", max);
        return [.. entries.Select(entry => new Message(long.Parse(entry.Id.ToString().Split('-')[0], CultureInfo.InvariantCulture), entry["t"]!))];
    }

    public async Task<long> GetLastNumberAsync(string room) => (long)await Database.StringGetAsync(LastNumber(room));

    public async Task<string[]?> GetSessionAsync(string token)
    {
        RedisValue rooms = await Database.StringGetSetExpiryAsync($"session:{token}", s_sessionLife);
        return rooms.IsNull ? null : rooms.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    public Task SetSessionAsync(string token, string[] rooms) =>
        Database.StringSetAsync($"session:{token}", string.Join(' ', rooms), s_sessionLife);

    // The braces keep the keys of a room on one server of a Redis cluster.
    private static string Messages(string room) => $"room:{{{room}}}:messages";

    private static string LastNumber(string room) => $"room:{{{room}}}:last";
}
