using System.Diagnostics;
using System.Globalization;
using Sluice.Faults.Kit;
using Sluice.Faults.Lines;

namespace Sluice.Faults.Limiting;

/// <summary>
/// Runs a server with a fixed limit of memory against peers that make it hold as much as they can. It must hold no more than the documented limits of its connections
/// add up to, and serve good clients on.
/// </summary>
internal sealed class MemoryCampaign(Settings settings)
{
    // What a connection, its handler and its kernel objects may take beside its buffers.
    private const int MaxOverhead = 16 * 1024;

    // What a server without connections takes: the runtime, its code, and the garbage that it may have.
    private const long Base = 192L << 20;

    // .NET uses three quarters of a container's memory for its heap (System.GC.HeapHardLimitPercent).
    private const double HeapShare = 0.75;

    private const int GoodClients = 4;

    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly TimeSpan _window = settings.Duration ?? TimeSpan.FromSeconds(2);

    private readonly Score _score = new();

    public async Task<int> RunAsync()
    {
        Console.WriteLine($"{settings.Count} peers, servers with a limit of memory");
        foreach (SelectorEngine engine in settings.Engines)
        {
            foreach (MemoryCase memory in MemoryCase.All)
            {
                await RunAsync(engine, memory);
            }
        }

        return _score.End();
    }

    private async Task RunAsync(SelectorEngine engine, MemoryCase memory)
    {
        long bound = Base + ((long)settings.Count * (memory.Held + MaxOverhead));
        long limit = (long)(bound / HeapShare);
        using MemoryGroup? group = MemoryGroup.TryCreate(limit);
        string confinement = group?.EnterCommand ?? $"export DOTNET_GCHeapHardLimit=0x{bound:x}";
        try
        {
            await using Child server = await Child.StartAsync(Commands.StartAfter(confinement, "lines", $"{engine}"));
            string result = await RunAsync(engine, memory, server);
            Footprint full = Footprint.Of(server.Id);
            long peak = group?.Peak ?? full.Memory;
            bool isGood = peak <= bound && group?.Killed is null or 0;
            _score.Report(isGood, string.Create(
                CultureInfo.InvariantCulture,
                $"{engine}, {memory.Name}: {result}; at most {peak / 1e6:0} MB{(group is null ? " resident" : "")}, where {bound / 1e6:0} MB are allowed, in a {(group is null ? "heap" : "control group")} of {(group is null ? bound : limit) / 1e6:0} MB"));
        }
        catch (Exception exception)
        {
            _score.Report(false, $"{engine}, {memory.Name}: {(group?.Killed > 0 ? "the server was killed for its memory. " : "")}{exception}");
        }
    }

    private async Task<string> RunAsync(SelectorEngine engine, MemoryCase memory, Child server)
    {
        await using var selector = new SelectorManager(new SelectorOptions { Engine = engine });
        int port = int.Parse(server.Ready[0], CultureInfo.InvariantCulture);
        (int _, TimeSpan _, TimeSpan before) = await AskAsync(selector, port);
        long alone = Footprint.Of(server.Id).Memory;
        await using Child peers = await Child.StartAsync(
            Commands.StartThis("hold", server.Ready[memory.Listener], $"{settings.Count}", $"{memory.Length}"), s_patience);
        long held = await UntilSteadyAsync(server);
        (int count, TimeSpan _, TimeSpan with) = await AskAsync(selector, port);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{alone / 1e6:0} MB before, {held / 1e6:0} MB with {settings.Count} peers, {(held - alone) / (double)settings.Count / 1024:0.0} KiB each; {count} requests of good clients answered, p99 {with.TotalMilliseconds:0.0} ms ({before.TotalMilliseconds:0.0} ms before)");
    }

    // Until all peers are served, and the memory grows no more.
    private async Task<long> UntilSteadyAsync(Child server)
    {
        long began = Stopwatch.GetTimestamp();
        long before = 0;
        for (int steady = 0; steady < 3;)
        {
            await Task.Delay(_window / 4);
            int sockets = int.Parse((await server.AskAsync())[1], CultureInfo.InvariantCulture);
            long now = Footprint.Of(server.Id).Memory;
            steady = sockets >= settings.Count && now < before * 1.01 ? steady + 1 : 0;
            before = now;
            if (Stopwatch.GetElapsedTime(began) > s_patience)
            {
                throw new TimeoutException($"After {s_patience.TotalSeconds:0} s {sockets} sockets are open, and the memory of {now} bytes still grows.");
            }
        }

        return before;
    }

    private async Task<(int Count, TimeSpan Median, TimeSpan Percentile99)> AskAsync(SelectorManager selector, int port)
    {
        var latencies = new Latencies();
        using var end = new CancellationTokenSource(_window);
        await Task.WhenAll(Enumerable.Range(0, GoodClients).Select(async _ =>
        {
            await using LineClient client = await LineClient.ConnectAsync(selector, port, tls: false);
            await client.AskEachAsync(s_period, latencies, end.Token);
        }));
        return latencies.Take();
    }
}
