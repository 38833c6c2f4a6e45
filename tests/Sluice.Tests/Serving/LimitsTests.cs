using System.Net.Sockets;
using Sluice.Serving;

namespace Sluice.Tests.Serving;

/// <summary>Limits that change while a server serves.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LimitsTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task More_are_served_when_the_limit_is_raised_and_fewer_when_it_is_lowered()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        var options = new ServeOptions { MaxConnections = 1 };
        Task serving = server.ServeAsync((connection, token) => connection.Input.CopyToAsync(connection.Output, cancellationToken: token).AsTask(), options);
        Connection first = await AskAsync(server);
        Connection second = (await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon()).OpenConnection();
        await second.Output.WriteLineAsync("2").Soon();
        Task<string?> answer = second.Input.ReadLineAsync().AsTask();
        await AskAgainAsync(first);
        Assert.That(answer.IsCompleted, Is.False);

        options.MaxConnections = 2;
        Assert.That(await answer.Soon(), Is.EqualTo("2"));

        options.MaxConnections = 1;
        await first.CloseAsync().Soon();
        Connection third = (await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon()).OpenConnection();
        await third.Output.WriteLineAsync("3").Soon();
        answer = third.Input.ReadLineAsync().AsTask();
        await AskAgainAsync(second);
        Assert.That(answer.IsCompleted, Is.False);
        await second.CloseAsync().Soon();
        Assert.That(await answer.Soon(), Is.EqualTo("3"));
        await third.CloseAsync().Soon();
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task The_limit_per_address_can_be_set_while_serving()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1", 0).Soon();
        var options = new ServeOptions();
        Task serving = server.ServeAsync((connection, token) => connection.Input.CopyToAsync(connection.Output, cancellationToken: token).AsTask(), options);
        await using Connection uncounted = await AskAsync(server);
        options.MaxConnectionsPerAddress = 1;
        await using Connection counted = await AskAsync(server);
        Assert.That(await ComeAsync(server), Is.EqualTo(SocketError.ConnectionReset));
        options.MaxConnectionsPerAddress = int.MaxValue;
        await using Connection other = await AskAsync(server);
        await server.StopAsync(TimeSpan.Zero).Soon();
        await serving.Soon();
    }

    [Test]
    public async Task Slots_are_never_more_than_there_are_however_clients_come_go_and_give_up()
    {
        var slots = new ConnectionSlots(3);
        int inside = 0;
        int most = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var random = new Random(i);
            for (int n = 0; n < 2_000; n++)
            {
                using var patience = new CancellationTokenSource();
                Task waiting = slots.WaitAsync(patience.Token);
                if (random.Next(4) == 0)
                {
                    await patience.CancelAsync();
                }

                if (await waiting.OutcomeAsync() is null)
                {
                    InterlockedMax(ref most, Interlocked.Increment(ref inside));
                    await Task.Yield();
                    Interlocked.Decrement(ref inside);
                    slots.Release();
                }
            }
        }))).Soon();
        Assert.That(most, Is.InRange(1, 3));
        await Task.WhenAll(slots.WaitAsync(default), slots.WaitAsync(default), slots.WaitAsync(default)).Soon();
        Assert.That(slots.WaitAsync(default).IsCompleted, Is.False);
    }

    [Test]
    public async Task Every_loop_answers_a_ping_until_the_manager_is_disposed()
    {
        await Selector.PingAsync().Soon();
        await Selector.DisposeAsync();
        Assert.ThrowsAsync<ObjectDisposedException>(async () => await Selector.PingAsync().Soon());
    }

    // The reset may be there before connecting has come to its end.
    private static async Task<SocketError> ComeAsync(ServerSocket server)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(server.LocalEndPoint).Soon();
            return await socket.EndAsync();
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    private static void InterlockedMax(ref int location, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref location)) < value && Interlocked.CompareExchange(ref location, value, seen) != seen)
        {
        }
    }

    private async Task<Connection> AskAsync(ServerSocket server)
    {
        Connection connection = (await Selector.Tcp().ConnectAsync(server.LocalEndPoint).Soon()).OpenConnection();
        await AskAgainAsync(connection);
        return connection;
    }

    private static async Task AskAgainAsync(Connection connection)
    {
        await connection.Output.WriteLineAsync("x").Soon();
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo("x"));
    }
}
