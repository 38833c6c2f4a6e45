namespace Sluice.Bench.Redis;

/// <summary>What a client got done.</summary>
internal sealed record LoadResult(double PerSecond, double BytesPerCall, double ProcessorMicroseconds);
