namespace Sluice.Bench.Orleans;

/// <summary>Something to measure.</summary>
/// <param name="Name">The name.</param>
/// <param name="Callers">How many calls are in flight.</param>
/// <param name="Size">The bytes of a call, and of its answer.</param>
/// <param name="BetweenSilos">Whether a grain of the first silo calls, instead of a client.</param>
internal sealed record Row(string Name, int Callers, int Size, bool BetweenSilos = false)
{
    public static Row[] All { get; } =
    [
        new("client-1", 1, 64),
        new("client-64", 64, 64),
        new("client-256", 256, 64),
        new("client-1-4KiB", 1, 4096),
        new("client-1-64KiB", 1, 65_536),
        new("silo-1", 1, 64, BetweenSilos: true),
        new("silo-64", 64, 64, BetweenSilos: true),
    ];

    /// <summary>Makes so many calls from each caller.</summary>
    public async Task CallAsync(Cluster cluster, int calls)
    {
        byte[] bytes = new byte[Size];
        if (BetweenSilos)
        {
            await cluster.Factory.GetGrain<IEchoGrain>(cluster.Grains[0]).CallAsync(cluster.Grains[1], bytes, Callers, calls);
            return;
        }

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            IEchoGrain grain = cluster.Factory.GetGrain<IEchoGrain>(cluster.Grains[caller % 2]);
            for (int i = 0; i < calls; i++)
            {
                await grain.EchoAsync(bytes);
            }
        })));
    }
}
