using Orleans.Concurrency;

namespace Sluice.Orleans.Tests;

// A grain may call itself.
[Reentrant]
internal sealed class EchoGrain(ILocalSiloDetails silo) : Grain, IEchoGrain
{
    public Task<byte[]> EchoAsync(byte[] bytes) => Task.FromResult(bytes);

    public Task<string> SiloAsync() => Task.FromResult(silo.Name);

    public Task<byte[]> ThroughAsync(long other, byte[] bytes) => GrainFactory.GetGrain<IEchoGrain>(other).EchoAsync(bytes);
}
