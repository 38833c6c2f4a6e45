using System.Threading.RateLimiting;

namespace Sluice.Tests.Sockets;

/// <summary>A permit that was refused.</summary>
internal sealed class RefusedLease : RateLimitLease
{
    public override bool IsAcquired => false;

    public override IEnumerable<string> MetadataNames => [];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        return false;
    }
}
