using Orleans.Concurrency;

namespace Sluice.Bench.Orleans;

[Reentrant]
internal sealed class EchoGrain(ILocalSiloDetails silo) : Grain, IEchoGrain
{
    public ValueTask<string> SiloAsync() => ValueTask.FromResult(silo.Name);

    public ValueTask<byte[]> EchoAsync(byte[] bytes) => ValueTask.FromResult(bytes);

    public async ValueTask CallAsync(long other, byte[] bytes, int callers, int calls)
    {
        IEchoGrain grain = GrainFactory.GetGrain<IEchoGrain>(other);
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            for (int i = 0; i < calls; i++)
            {
                await grain.EchoAsync(bytes);
            }
        }));
    }
}
