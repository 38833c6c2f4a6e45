using System.Diagnostics.Metrics;
using System.Text;
using RespClient;

namespace Sluice.Client.Tests;

/// <summary>Listeners and callbacks that throw, and replies of a server that means no good.</summary>
public sealed class UserCodeTests(SelectorEngine engine) : BothEngines(engine)
{
    [TestCase("db.client.connection.create_time")]
    [TestCase("db.client.connection.wait_time")]
    [TestCase("db.client.connection.use_time")]
    public async Task A_listener_of_the_meter_that_throws_costs_a_pool_no_place(string name)
    {
        // Listeners hear of the pools of all tests.
        string own = $"throwing {Guid.NewGuid()}";
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        var options = new ConnectionPoolOptions<Connection> { MaxConnections = 1, RentTimeout = TimeSpan.FromSeconds(5), Name = own };
        await using var pool = new ConnectionPool<Connection>(
            async token => (await Selector.Tcp().ConnectAsync(peer.EndPoint, cancellationToken: token)).OpenConnection(), options);
        string seen = "";
        using (var listener = new MeterListener())
        {
            listener.InstrumentPublished = (instrument, self) =>
            {
                seen += $" {instrument.Name}";
                if (instrument.Name.EndsWith(name[(name.LastIndexOf('.') + 1)..], StringComparison.Ordinal))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            };
            listener.SetMeasurementEventCallback<double>((_, _, tags, _) =>
            {
                foreach (KeyValuePair<string, object?> tag in tags)
                {
                    if (Equals(tag.Value, own))
                    {
                        throw new NotSupportedException("a listener");
                    }
                }
            });
            listener.Start();
            Exception? failure = await Task.Run(async () => await (await pool.RentAsync()).DisposeAsync()).OutcomeAsync();
            Assert.That(failure, Is.InstanceOf<NotSupportedException>(), seen);
        }

        await using PooledConnection<Connection> rented = await pool.RentAsync().Soon();
        Assert.That(pool.UsedConnections, Is.EqualTo(1));
    }

    [Test]
    public async Task A_pool_closes_its_connections_even_if_a_callback_of_its_token_throws()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        int calls = 0;
        var hangs = new TaskCompletionSource();
        var pool = new ConnectionPool<Connection>(
            async token =>
            {
                if (Interlocked.Increment(ref calls) > 1)
                {
                    token.Register(() => throw new NotSupportedException("a callback"));
                    hangs.SetResult();
                    await Task.Delay(Timeout.Infinite, token);
                }

                return (await Selector.Tcp().ConnectAsync(peer.EndPoint, cancellationToken: token)).OpenConnection();
            },
            new ConnectionPoolOptions<Connection> { MinConnections = 2 });
        await hangs.Task.Soon();
        Assert.That(pool.IdleConnections, Is.EqualTo(1));

        await pool.DisposeAsync().OutcomeAsync();

        await Waiting.UntilAsync(() => peer.Open == 0);
    }

    [Test]
    public async Task A_session_closes_its_connection_even_if_a_callback_of_its_token_throws()
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        var runs = new TaskCompletionSource();
        var ends = new TaskCompletionSource();
        ConnectionSession session = ConnectionSession.Start(client, async (_, token) =>
        {
            token.Register(() => throw new NotSupportedException("a callback"));
            runs.SetResult();
            await ends.Task;
        });
        await runs.Task.Soon();
        ValueTask<string?> end = server.Input.ReadLineAsync();

        Task disposing = session.DisposeAsync().AsTask();

        Assert.That(await end.AsTask().Soon(), Is.Null);
        await server.DisposeAsync();
        ends.SetResult();
        Assert.That(await disposing.OutcomeAsync(), Is.InstanceOf<AggregateException>());
    }

    [TestCase("\r\n")]
    [TestCase("?\r\n")]
    [TestCase("$x\r\n")]
    [TestCase("*1\r\n", 100_000)]
    [TestCase("%1\r\n", 100_000)]
    public void The_samples_client_refuses_what_is_malformed(string text, int times = 1)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, times)));
        Assert.That(
            () => new RespProtocol().TryDecode(new FrameInput(new System.Buffers.ReadOnlySequence<byte>(bytes)), out _, out _),
            Throws.InstanceOf<InvalidDataException>());
    }

    [TestCase("$9223372036854775807\r\nab\r\n")]
    [TestCase("%9223372036854775807\r\n+a\r\n")]
    public void The_samples_client_waits_for_the_rest_of_what_is_long(string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        Assert.That(new RespProtocol().TryDecode(new FrameInput(new System.Buffers.ReadOnlySequence<byte>(bytes)), out _, out _), Is.False);
    }
}
