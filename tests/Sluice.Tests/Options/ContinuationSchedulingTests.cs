namespace Sluice.Tests.Options;

/// <summary>Where code continues, when a connection says otherwise than its manager.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ContinuationSchedulingTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task Each_connection_of_a_manager_continues_where_its_own_options_say(
        [Values] ContinuationScheduling ofManager, [Values(null, ContinuationScheduling.Inline, ContinuationScheduling.ThreadPool)] ContinuationScheduling? ofConnection)
    {
        await using SelectorManager selector = CreateManager(new SelectorOptions { ContinuationScheduling = ofManager });
        await using ServerSocket server = await selector.Tcp().BindAsync(
            "127.0.0.1", 0, options => options.Accepted.ContinuationScheduling = ofConnection);
        await using StreamSocket client = await selector.Tcp().ConnectAsync(
            "127.0.0.1", server.Port, options => options.ContinuationScheduling = ofConnection).Soon();
        await using StreamSocket accepted = await server.AcceptAsync().Soon();

        // The portable engine has no loops of its own.
        bool expected = selector.Engine == SelectorEngine.Portable || (ofConnection ?? ofManager) == ContinuationScheduling.ThreadPool;
        Assert.That(await ContinuesOnPoolAsync(from: client, to: accepted), Is.EqualTo(expected), "accepted");
        Assert.That(await ContinuesOnPoolAsync(from: accepted, to: client), Is.EqualTo(expected), "connected");
    }

    [Test]
    public void A_value_that_is_not_defined_is_refused() =>
        Assert.That(() => new StreamSocketOptions { ContinuationScheduling = (ContinuationScheduling)7 }, Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static async Task<bool> ContinuesOnPoolAsync(StreamSocket from, StreamSocket to)
    {
        Task<bool> reading = ReadAsync(to.OpenReadChannel());
        ByteWriteChannel output = from.OpenWriteChannel();
        await output.WriteByteAsync(1);
        await output.FlushAsync().Soon();
        return await reading.Soon();
    }

    private static async Task<bool> ReadAsync(ByteReadChannel input)
    {
        await input.ReadByteAsync().ConfigureAwait(false);
        return Thread.CurrentThread.IsThreadPoolThread;
    }
}
