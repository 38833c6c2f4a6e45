using System.Globalization;
using Sluice.Bench.Redis;

// redis-get-64: many callers of one connection to a real redis-server, Sluice's client beside StackExchange.Redis, in turns.
int rounds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 9;
double seconds = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 2;
int callers = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 64;

await using RedisServer? server = await RedisServer.TryStartAsync();
if (server is null)
{
    Console.WriteLine("redis-get-64: skipped, there is no redis-server (Debian: apt-get install redis-server).");
    return 0;
}

await using IRedisLoad sluice = await SluiceLoad.ConnectAsync(server.Port);
await using IRedisLoad other = await StackExchangeLoad.ConnectAsync(server.Port);
IRedisLoad[] loads = [sluice, other];
foreach (IRedisLoad load in loads)
{
    await LoadRun.RunAsync(load, callers, TimeSpan.FromSeconds(Math.Max(seconds, 1)));
}

var ratios = new List<double>();
foreach (int round in Enumerable.Range(1, rounds))
{
    var results = new List<LoadResult>();
    foreach (IRedisLoad load in round % 2 == 0 ? loads.Reverse() : loads)
    {
        LoadResult result = await LoadRun.RunAsync(load, callers, TimeSpan.FromSeconds(seconds));
        results.Add(result);
        Console.WriteLine($"{round,2}  {load.Name,-20} {result.PerSecond,9:N0} calls/s  {result.BytesPerCall,6:N0} B/call  {result.ProcessorMicroseconds,5:N1} µs of processor time/call");
    }

    ratios.Add((round % 2 == 0 ? results[1].PerSecond / results[0].PerSecond : results[0].PerSecond / results[1].PerSecond));
}

ratios.Sort();
Console.WriteLine($"redis-get-64: {sluice.Name} has {ratios[ratios.Count / 2]:N2} x the calls of {other.Name} (median of {rounds}; {ratios[0]:N2} to {ratios[^1]:N2}), {callers} callers");
return 0;
