namespace Sluice.TestKit;

/// <summary>Tests on a manager with one loop, whose channels rent from a <see cref="TrackingPool"/>.</summary>
public abstract class PoolFixture(SelectorEngine engine) : TlsFixture(engine)
{
    private readonly TrackingPool _pool = new();

    internal TrackingPool Pool => _pool;

    protected override SelectorOptions Options => new() { LoopCount = 1, BufferPool = _pool };

    [TearDown]
    public void DisposePool() => _pool.Dispose();

    /// <summary>Two connections, under TLS or not.</summary>
    protected Task<(Connection Client, Connection Server)> ConnectAsync(bool tls) => tls ? ConnectTlsAsync() : ConnectPairAsync();

    /// <summary>Disposes of both ends side by side: each waits for the other's end.</summary>
    protected static Task CloseAsync(Connection one, Connection other) =>
        Task.WhenAll(one.DisposeAsync().AsTask(), other.DisposeAsync().AsTask()).Soon();
}
