using Sluice.Tests.Channels.Adapters;

namespace Sluice.Tests.Tls;

/// <summary>Requests that have come when the server begins to stop: each in a record of its own under TLS.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class TlsStoppingTests(SelectorEngine engine) : EveryConnection(engine)
{
    [Test]
    public async Task Requests_that_have_come_before_the_stop_are_all_read([Values] ConnectionKind kind)
    {
        (Connection client, Connection server) = await ConnectAsync(kind);
        await using (client)
        await using (server)
        {
            using var stopping = new CancellationTokenSource();
            server.Stopping = stopping.Token;
            Task<string?> first = server.Input.ReadLineAsync(server.Stopping).AsTask();
            await client.Output.WriteLineAsync("first").Soon();
            Assert.That(await first.Soon(), Is.EqualTo("first"));
            string[] requests = [.. Enumerable.Range(0, 20).Select(i => $"request {i}")];
            foreach (string request in requests)
            {
                await client.Output.WriteLineAsync(request).Soon();
                await client.Output.FlushAsync().Soon();
            }

            if (kind is ConnectionKind.Tcp or ConnectionKind.Tls)
            {
                await Waiting.UntilAsync(() => client.Socket.Transport.UnacknowledgedBytes == 0);
            }

            await stopping.CancelAsync();

            foreach (string request in requests)
            {
                Assert.That(await server.Input.ReadLineAsync(server.Stopping).Soon(), Is.EqualTo(request));
            }

            Assert.ThrowsAsync<OperationCanceledException>(async () => await server.Input.ReadLineAsync(server.Stopping).Soon());
            await server.Output.WriteLineAsync("bye").Soon();
            Assert.That(await client.Input.ReadLineAsync().Soon(), Is.EqualTo("bye"));
        }
    }

    [Test]
    public async Task A_peer_that_never_pauses_does_not_keep_the_reader([Values] ConnectionKind kind)
    {
        (Connection client, Connection server) = await ConnectAsync(kind);
        using var stopping = new CancellationTokenSource();
        server.Stopping = stopping.Token;
        Task<Exception?> sending = Task.Run(async () =>
        {
            while (true)
            {
                await client.Output.WriteLineAsync("request");
            }
        }).OutcomeAsync();
        for (int i = 0; i < 100; i++)
        {
            Assert.That(await server.Input.ReadLineAsync(server.Stopping).Soon(), Is.EqualTo("request"));
        }

        await stopping.CancelAsync();
        int more = 0;
        Task<Exception?> reading = Task.Run(async () =>
        {
            while (true)
            {
                await server.Input.ReadLineAsync(server.Stopping);
                more++;
            }
        }).OutcomeAsync();

        Assert.That(await reading.Soon(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(more, Is.LessThan(100_000));
        server.Abort();
        client.Abort();
        await sending.Soon();
    }
}
