namespace Sluice.Hosting.Tests;

/// <summary>How many handlers were made, and disposed of.</summary>
internal sealed class HandlerCounts
{
    private int _made;
    private int _disposed;

    public int Disposed => Volatile.Read(ref _disposed);

    public int Make() => Interlocked.Increment(ref _made);

    public void Dispose() => Interlocked.Increment(ref _disposed);
}
