using Grpc.Core;

namespace Sluice.Bench.Kestrel;

/// <summary>A gRPC service that returns the bytes that it gets.</summary>
internal sealed class EchoService : EchoServiceBase
{
    public override Task<byte[]> Say(byte[] request, ServerCallContext context) => Task.FromResult(request);
}
