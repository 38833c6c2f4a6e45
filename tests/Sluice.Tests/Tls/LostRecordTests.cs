namespace Sluice.Tests.Tls;

/// <summary>A record that is encrypted and cannot be written: the peer could decrypt none of those behind it, so nothing is read either.</summary>
public sealed class LostRecordTests(SelectorEngine engine) : TlsFixture(engine)
{
    [Test]
    public async Task A_pool_without_memory_for_a_record_ends_the_reads_which_say_why()
    {
        using var pool = new TrackingPool();
        await using SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = pool });
        (StreamSocket client, StreamSocket server) = await Peers.OwnPairAsync(selector);
        Task<Connection> serving = server.OpenConnection().UpgradeToTlsServerAsync(Serving()).AsTask();
        Connection near = await client.OpenConnection().UpgradeToTlsClientAsync(Trusting()).Soon();
        Connection far = await serving.Soon();
        Task<string?> reading = far.Input.ReadLineAsync().AsTask();

        // For the line, and not for its record.
        pool.FailAfter(1);
        Assert.That(await far.Output.WriteLineAsync("lost").OutcomeAsync(), Is.Null);
        Assert.CatchAsync<IOException>(async () => await far.Output.FlushAsync());
        IOException? end = Assert.CatchAsync<IOException>(() => reading.Soon());
        pool.Recover();

        Assert.That(end!.Message, Is.EqualTo($"Writing to {far.RemoteEndPoint}: The pool has no more blocks."));
        await far.DisposeAsync().Soon();
        Assert.That(await near.Input.ReadLineAsync().OutcomeAsync().Soon(), Is.InstanceOf<IOException>());
    }
}
