using System.Diagnostics;
using System.Globalization;

namespace Sluice.Faults.Leaking;

/// <summary>Makes connections that end in every way, on each engine, and compares what there is afterwards with what there was before.</summary>
internal sealed class LeakCampaign(Settings settings)
{
    private const int Workers = 32;

    // How many TLS handshakes cost as much as a weight says of others.
    private const int TlsCost = 12;

    // The managed memory may change by this, whatever the number of connections.
    private const long MemorySlack = 4 << 20;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(15);

    private readonly Score _score = new();
    private long _connections;

    public async Task<int> RunAsync()
    {
        Console.WriteLine($"{settings.Count} connections, {Endings.All.Count} endings, seed {settings.Seed}");
        foreach (SelectorEngine engine in settings.Engines)
        {
            await RunAsync(engine);
        }

        Console.WriteLine($"{_connections} connections");
        return _score.End();
    }

    private async Task RunAsync(SelectorEngine engine)
    {
        using var buffers = new RentedBuffers();
        (Ending Ending, Wire Wire)[] all = [.. Endings.All.SelectMany(ending => ending.Wires.Select(wire => (ending, wire)))
            .Where(one => Name(engine, one.ending, one.wire).Contains(settings.Fault, StringComparison.OrdinalIgnoreCase))];
        double weights = all.Sum(one => Weight(one.Ending, one.Wire));

        // What the runtime and the library make at their first use is no leak: threads, caches, code.
        await RunAsync(engine, all, buffers, _ => Workers, isReported: false);
        await RunAsync(engine, all, buffers, one => (int)Math.Ceiling(settings.Count / (double)settings.Engines.Count * Weight(one.Ending, one.Wire) / weights), isReported: true);
    }

    private async Task RunAsync(SelectorEngine engine, (Ending Ending, Wire Wire)[] all, RentedBuffers buffers, Func<(Ending Ending, Wire Wire), int> count, bool isReported)
    {
        var time = new CountingTime();
        var before = Counts.Of(time, buffers, selector: null);
        LeakWorld world = await LeakWorld.CreateAsync(engine, time);
        await WarmUpAsync(world, all);
        Counts settled = await SettleAsync(() => Counts.Of(time, buffers, world.Selector), counts => counts.Sockets.WithManager == LeakWorld.Listeners && counts.Buffers <= 0);
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        foreach ((Ending ending, Wire wire) in all)
        {
            // What one ending has left is not reported again for the next one.
            settled = await RunAsync(world, ending, wire, count((ending, wire)), settled, buffers, isReported);
        }

        if (isReported)
        {
            long more = await SettleAsync(() => GC.GetTotalMemory(forceFullCollection: true) - memory, growth => growth <= MemorySlack);
            Report(more <= MemorySlack, string.Create(CultureInfo.InvariantCulture, $"{engine}, managed memory: {more / 1e6:0.00} MB more"), null);
        }

        await world.DisposeAsync().AsTask().WaitAsync(s_patience);
        if (isReported)
        {
            string? left = await SettleAsync(() => Counts.Of(time, buffers, selector: null).MoreThan(before, withThreads: true), found => found is null);
            Report(left is null, $"{engine}, after the disposal of the manager", left);
        }
    }

    private static async Task WarmUpAsync(LeakWorld world, (Ending Ending, Wire Wire)[] all)
    {
        foreach ((Ending ending, Wire wire) in all)
        {
            await ending.RunAsync(world, wire, new Random(1)).WaitAsync(s_patience);
        }
    }

    private async Task<Counts> RunAsync(LeakWorld world, Ending ending, Wire wire, int count, Counts before, RentedBuffers buffers, bool isReported)
    {
        long began = Stopwatch.GetTimestamp();
        int left = (count + ending.Batch - 1) / ending.Batch;
        int runs = left;
        string? fault = null;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(Workers, left)).Select(worker => Task.Run(async () =>
        {
            var random = new Random(HashCode.Combine(settings.Seed, worker));
            while (fault is null && Interlocked.Decrement(ref left) >= 0)
            {
                try
                {
                    await ending.RunAsync(world, wire, random).WaitAsync(s_patience);
                }
                catch (Exception exception)
                {
                    fault = exception is TimeoutException ? $"hangs: {exception} {world.Selector.Describe()}" : $"{exception}";
                }
            }
        })));
        fault ??= await SettleAsync(() => Counts.Of(world.Time, buffers, world.Selector).MoreThan(before, withThreads: false), more => more is null) is { } more
            ? $"{more} more than before; {world.Selector.Describe(10)}"
            : null;
        if (isReported || fault is not null)
        {
            _connections += (long)runs * ending.Batch;
            Report(fault is null, $"{Name(world.Engine, ending, wire)}: {runs * ending.Batch} connections, {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s", fault);
        }

        return fault is null ? before : Counts.Of(world.Time, buffers, world.Selector);
    }

    // The side that ends last is often a moment later than the one that is waited for.
    private static async Task<T> SettleAsync<T>(Func<T> get, Func<T, bool> isGood)
    {
        long began = Stopwatch.GetTimestamp();
        T value = get();
        while (!isGood(value) && Stopwatch.GetElapsedTime(began) < s_settling)
        {
            await Task.Delay(20);
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(1))
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            value = get();
        }

        return value;
    }

    private void Report(bool isGood, string what, string? fault) => _score.Report(isGood, $"{what}{(fault is null ? "" : $": {fault}")}");

    private static string Name(SelectorEngine engine, Ending ending, Wire wire) => $"{engine}, {wire}, {ending.Name}";

    private static double Weight(Ending ending, Wire wire) => wire == Wire.Tls ? ending.Weight / (double)TlsCost : ending.Weight;
}
