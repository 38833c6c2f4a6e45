namespace Sluice.Bench.Redis;

/// <summary>A client of Redis with one connection.</summary>
internal interface IRedisLoad : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Stores a value and reads it back, some times; throws if another one comes back.</summary>
    Task<int> CallAsync(string key, string value, Func<bool> isOver);
}
