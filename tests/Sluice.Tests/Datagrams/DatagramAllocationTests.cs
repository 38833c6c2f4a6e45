namespace Sluice.Tests.Datagrams;

/// <summary>What a datagram costs in memory when both ends are in this process.</summary>
public sealed class DatagramAllocationTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Count = 20_000;

    [Test]
    public async Task Echoing_datagrams_allocates_nothing()
    {
        await using DatagramSocket server = await Selector.Udp().BindAsync("127.0.0.1");
        _ = Task.Run(async () =>
        {
            byte[] buffer = new byte[2000];
            while (!server.IsClosed)
            {
                DatagramReceiveResult result = await server.ReceiveAsync(buffer);
                await server.SendAsync(buffer.AsMemory(0, result.Count), result.RemoteEndPoint);
            }
        }).OutcomeAsync();
        await using DatagramSocket client = await Selector.Udp().ConnectAsync(server.LocalEndPoint);
        byte[] bytes = new byte[64];

        Assert.That(await LeastAsync(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                await client.SendAsync(bytes);
                await client.ReceiveAsync(bytes);
            }
        }), Is.LessThan(ProcessAllocations.Noise));
    }

    [Test]
    public async Task Rented_datagrams_that_are_disposed_of_allocate_nothing()
    {
        await using DatagramSocket server = await Selector.Udp().BindAsync("127.0.0.1");
        _ = Task.Run(async () =>
        {
            while (!server.IsClosed)
            {
                using Datagram datagram = await server.ReceiveAsync();
                await server.SendAsync(datagram.Payload, datagram.RemoteEndPoint);
            }
        }).OutcomeAsync();
        DatagramSocket[] clients = [.. await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Selector.Udp().ConnectAsync(server.LocalEndPoint).AsTask()))];
        byte[] bytes = new byte[64];

        Assert.That(await LeastAsync(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                DatagramSocket client = clients[i % clients.Length];
                await client.SendAsync(bytes);
                using Datagram datagram = await client.ReceiveAsync();
            }
        }), Is.LessThan(ProcessAllocations.Noise));
    }

    private static Task<double> LeastAsync(Func<Task> runAsync) => ProcessAllocations.LeastPerMessageAsync(ProcessAllocations.Noise, Count, () => Task.Run(runAsync));
}
