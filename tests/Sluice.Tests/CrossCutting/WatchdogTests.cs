namespace Sluice.Tests.CrossCutting;

/// <summary>What the kit says about a test that waits in vain.</summary>
public sealed class WatchdogTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_test_that_takes_too_long_is_reported_with_what_its_sockets_wait_for()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using Connection first = client;
        await using Connection second = server;
        Task<byte> reading = server.Input.ReadByteAsync().AsTask();
        var reported = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);

        using (new Watchdog("The test", TimeSpan.FromMilliseconds(50), report => _ = report.Contains("waits for data", StringComparison.Ordinal) && reported.TrySetResult(report)))
        {
            Assert.That(await reported.Task.Soon(), Does.Contain("The test has not ended").And.Contains($"{client.Socket.LocalEndPoint}"));
        }

        await client.Output.WriteAsync(new byte[1]).Soon();
        await reading.Soon();
    }
}
