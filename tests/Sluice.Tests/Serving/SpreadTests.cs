using System.Collections.Concurrent;
using Sluice.Scheduling;

namespace Sluice.Tests.Serving;

/// <summary>Accepted connections over the loops. Alone: on a busy machine, the monitor takes a turn over, and a handler goes on elsewhere.</summary>
public sealed class SpreadTests(SelectorEngine engine) : BothEngines(engine)
{
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(4)]
    public async Task Connections_are_spread_evenly_over_the_loops(int loops)
    {
        if (Engine != SelectorEngine.Epoll)
        {
            Assert.Ignore("The portable engine has no loops.");
        }

        const int each = 8;
        await using SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = loops, ElasticLoops = false });
        var schedulers = new ConcurrentQueue<IScheduler?>();
        await using ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            Assert.That(LoopTurn.Current?.Scheduler, Is.SameAs(connection.Socket.Transport.RunsOn));
            schedulers.Enqueue(LoopTurn.Current?.Scheduler);
            await connection.Output.WriteLineAsync((await connection.Input.ReadLineAsync(token))!, token);
        });

        // The clients of the same manager are no reason for the accepted ones to pile up.
        for (int i = 0; i < each * loops; i++)
        {
            StreamSocket socket = await selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon();
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteLineAsync("hello").Soon();
            Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("hello"));
        }

        Assert.That(schedulers.GroupBy(scheduler => scheduler).Select(group => group.Count()), Is.EqualTo(Enumerable.Repeat(each, loops)));
    }
}
