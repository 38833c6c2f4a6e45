using System.Net.Sockets;

namespace Sluice.Tests.Sockets;

/// <summary>What an accepted connection costs whose handler waits for a line.</summary>
public sealed class IdleMemoryTests(SelectorEngine engine) : BothEngines(engine)
{
    // As many as fit in the backlog.
    private const int Connections = 500;

    // The whole process is measured, and so is what other code in it leaves behind: the least of some rounds is without that.
    private const int Rounds = 4;

    [Test]
    public async Task An_idle_connection_costs_little_managed_memory()
    {
        double least = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            double each = await MeasureAsync();
            TestContext.Out.WriteLine($"{each:0} bytes a connection");
            least = Math.Min(least, each);
        }

        // The portable engine's connections have a Socket of the framework's below.
        Assert.That(least, Is.LessThan(Engine == SelectorEngine.Epoll ? 1744 : 3648));
    }

    private async Task<double> MeasureAsync()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");

        // Waiting in the backlog they cost nothing on this side, and all that they cost on their own is there before it is measured.
        var clients = new List<Socket>();
        for (int i = 0; i < Connections; i++)
        {
            clients.Add(await Peers.ConnectAsync(server.LocalEndPoint));
        }

        long before = GC.GetTotalMemory(forceFullCollection: true);
        int waiting = 0;
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            ValueTask<string?> line = connection.Input.ReadLineAsync(token);
            Interlocked.Increment(ref waiting);
            await line;
        });
        await Waiting.UntilAsync(() => Volatile.Read(ref waiting) == Connections);
        double each = (GC.GetTotalMemory(forceFullCollection: true) - before) / (double)Connections;
        clients.ForEach(client => client.Dispose());
        await server.StopAsync(TimeSpan.Zero);
        await serving.Soon();
        return each;
    }
}
