using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Security;
using Microsoft.Extensions.Time.Testing;
using Sluice.Client.Pooling;

namespace Sluice.Client.Tests;

/// <summary>Connections that are lent to one caller at a time.</summary>
public sealed class PoolTests(SelectorEngine engine) : BothEngines(engine)
{
    private int _opened;

    /// <summary>How many connections the pool has opened. The peer may not have accepted all of them yet.</summary>
    private int Opened => Volatile.Read(ref _opened);

    [Test]
    public async Task A_connection_that_is_given_back_is_rented_again()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ConnectionPool<Connection> pool = Create(peer);
        for (int i = 0; i < 3; i++)
        {
            await using PooledConnection<Connection> rented = await pool.RentAsync().Soon();
            await AskAsync(rented.Connection);
            Assert.That((pool.IdleConnections, pool.UsedConnections), Is.EqualTo((0, 1)));
        }

        Assert.That(Opened, Is.EqualTo(1));
        Assert.That((pool.IdleConnections, pool.UsedConnections), Is.EqualTo((1, 0)));
        await pool.DisposeAsync().Soon();
        await Waiting.UntilAsync(() => peer.Open == 0);
        Assert.That(await pool.RentAsync().OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void A_user_that_is_late_does_not_invalidate_the_connection_of_the_next_one()
    {
        var entry = new PoolEntry<Connection>(null!, openedAt: 0);
        entry.Invalidate(0);
        Assert.That(entry.TryEnd(0, out bool isInvalid), Is.True);
        Assert.That(isInvalid, Is.True);

        entry.Invalidate(0);
        Assert.That(entry.TryEnd(0, out _), Is.False);
        Assert.That(entry.TryEnd(1, out isInvalid), Is.True);
        Assert.That(isInvalid, Is.False);
    }

    [Test]
    public async Task A_second_disposal_of_a_lease_does_nothing()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ConnectionPool<Connection> pool = Create(peer);
        PooledConnection<Connection> first = await pool.RentAsync().Soon();
        await first.DisposeAsync();
        PooledConnection<Connection> second = await pool.RentAsync().Soon();
        await first.DisposeAsync();
        first.Invalidate();
        Assert.That(() => first.Connection, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(pool.IdleConnections, Is.Zero);
        await second.DisposeAsync();
        Assert.That(pool.IdleConnections, Is.EqualTo(1));
    }

    [Test]
    public async Task Broken_connections_are_not_rented_again()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ConnectionPool<Connection> pool = Create(peer);
        await using (PooledConnection<Connection> rented = await pool.RentAsync().Soon())
        {
            rented.Invalidate();
        }

        await using (PooledConnection<Connection> rented = await pool.RentAsync().Soon())
        {
            rented.Connection.Abort();
        }

        await using (PooledConnection<Connection> rented = await pool.RentAsync().Soon())
        {
            // The answer to a request that nothing waits for belongs to no later caller.
            await rented.Connection.Output.WriteStringAsync("one\ntwo\n");
            await rented.Connection.Input.PeekAsync(8).Soon();
        }

        await Waiting.UntilAsync(() => pool.UsedConnections == 0);
        Assert.That((pool.IdleConnections, Opened), Is.EqualTo((0, 3)));
    }

    [Test]
    public async Task A_connection_that_its_peer_has_ended_or_written_to_while_it_was_idle_is_not_rented([Values] IdleFault fault, [Values] bool tls)
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        if (tls)
        {
            server.UseTls(TestCertificates.Server);
        }

        var trusting = new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            CertificateChainPolicy = TestCertificates.Trusting(TestCertificates.Authority),
        };
        var accepted = new ConcurrentQueue<Connection>();
        Task serving = server.ServeAsync(async (connection, token) =>
        {
            accepted.Enqueue(connection);
            while (await connection.Input.ReadLineAsync(token) is { } line)
            {
                await connection.Output.WriteStringAsync(line + "\n", token);
            }
        });
        await using var pool = new ConnectionPool<Connection>(async token => tls
            ? (await Selector.Tcp().ConnectTlsAsync("127.0.0.1", server.Port, trusting, cancellationToken: token)).OpenConnection()
            : (await Selector.Tcp().ConnectAsync(server.LocalEndPoint, cancellationToken: token)).OpenConnection());
        Connection first = await UseAsync();
        Assert.That(await UseAsync(), Is.SameAs(first), "an idle connection is rented again, also with a session ticket that no caller has read");

        Connection peer = accepted.Single();
        switch (fault)
        {
            case IdleFault.Close:
                await peer.CloseAsync().Soon();
                break;
            case IdleFault.Reset:
                peer.Abort();
                break;
            case IdleFault.Bytes:
                await peer.Output.WriteStringAsync("late\n").Soon();
                break;
        }

        await Waiting.UntilAsync(async () => !ReferenceEquals(await UseAsync(), first));
        await server.StopAsync(TimeSpan.Zero);
        await serving.OutcomeAsync();

        async Task<Connection> UseAsync()
        {
            await using PooledConnection<Connection> rented = await pool.RentAsync().Soon();
            if (accepted.IsEmpty)
            {
                await AskAsync(rented.Connection);
            }

            return rented.Connection;
        }
    }

    [Test]
    public async Task Callers_wait_for_a_connection_in_their_order()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ConnectionPool<Connection> pool = Create(peer, options => options.MaxConnections = 1);
        PooledConnection<Connection> held = await pool.RentAsync().Soon();
        var order = new ConcurrentQueue<int>();
        Task[] callers = new Task[5];
        for (int i = 0; i < callers.Length; i++)
        {
            int caller = i;
            callers[i] = RentAsync();
            Assert.That(pool.WaitingCallers, Is.EqualTo(i + 1));

            async Task RentAsync()
            {
                await using PooledConnection<Connection> rented = await pool.RentAsync();
                order.Enqueue(caller);
            }
        }

        await held.DisposeAsync();
        await Task.WhenAll(callers).Soon();
        Assert.That(order, Is.EqualTo(Enumerable.Range(0, 5)));
        Assert.That(Opened, Is.EqualTo(1));
    }

    [Test]
    public async Task A_caller_that_waits_opens_a_connection_when_a_broken_one_is_closed()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ConnectionPool<Connection> pool = Create(peer, options => options.MaxConnections = 1);
        PooledConnection<Connection> held = await pool.RentAsync().Soon();
        Task<PooledConnection<Connection>> waiting = pool.RentAsync().AsTask();
        held.Invalidate();
        await held.DisposeAsync();
        await using PooledConnection<Connection> rented = await waiting.Soon();
        await AskAsync(rented.Connection);
        Assert.That(Opened, Is.EqualTo(2));
    }

    [Test]
    public async Task A_wait_ends_in_time_or_when_it_is_canceled_and_loses_no_connection()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ConnectionPool<Connection> pool = Create(peer, options =>
        {
            options.MaxConnections = 1;
            options.MaxWaiting = 1;
            options.RentTimeout = TimeSpan.FromMilliseconds(300);
        });
        PooledConnection<Connection> held = await pool.RentAsync().Soon();
        Task timed = pool.RentAsync().AsTask();
        Assert.That(await pool.RentAsync().OutcomeAsync(), Is.InstanceOf<InvalidOperationException>(), "too many wait");
        Assert.That(await timed.OutcomeAsync(), Is.InstanceOf<TimeoutException>());
        using var source = new CancellationTokenSource();
        Task canceled = pool.RentAsync(source.Token).AsTask();
        await source.CancelAsync();
        Assert.That(await canceled.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
        Assert.That(pool.WaitingCallers, Is.Zero);
        await held.DisposeAsync();
        await using PooledConnection<Connection> rented = await pool.RentAsync().Soon();
        Assert.That(Opened, Is.EqualTo(1));
    }

    [Test]
    public async Task Disposal_ends_waits_and_closes_what_is_given_back()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        ConnectionPool<Connection> pool = Create(peer, options => options.MaxConnections = 1);
        PooledConnection<Connection> held = await pool.RentAsync().Soon();
        Task waiting = pool.RentAsync().AsTask();
        await pool.DisposeAsync().Soon();
        await pool.DisposeAsync().Soon();
        Assert.That(await waiting.OutcomeAsync(), Is.InstanceOf<ObjectDisposedException>());
        await AskAsync(held.Connection);
        await held.DisposeAsync();
        await Waiting.UntilAsync(() => peer.Open == 0);
    }

    [Test]
    public async Task A_connection_that_cannot_be_opened_frees_its_place()
    {
        int tries = 0;
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using var pool = new ConnectionPool<Connection>(
            async token => Interlocked.Increment(ref tries) == 1
                ? throw new IOException("refused")
                : (await Selector.Tcp().ConnectAsync(peer.EndPoint, cancellationToken: token)).OpenConnection(),
            new ConnectionPoolOptions<Connection> { MaxConnections = 1 });
        Assert.That((await pool.RentAsync().OutcomeAsync())?.Message, Is.EqualTo("refused"));
        await using PooledConnection<Connection> rented = await pool.RentAsync().Soon();
        await AskAsync(rented.Connection);
    }

    [Test]
    public async Task An_opening_that_hangs_ends_in_time_and_what_comes_late_is_closed()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        var release = new TaskCompletionSource();
        await using var pool = new ConnectionPool<Connection>(
            async _ =>
            {
                await release.Task;
                return (await Selector.Tcp().ConnectAsync(peer.EndPoint, cancellationToken: CancellationToken.None)).OpenConnection();
            },
            new ConnectionPoolOptions<Connection> { RentTimeout = TimeSpan.FromMilliseconds(100) });
        Assert.That(await pool.RentAsync().OutcomeAsync(), Is.InstanceOf<TimeoutException>());
        release.SetResult();
        await Waiting.UntilAsync(() => peer.Accepted == 1 && peer.Open == 0);
        Assert.That((pool.IdleConnections, pool.UsedConnections), Is.EqualTo((0, 0)));
    }

    [Test]
    public async Task Idle_and_old_connections_are_closed_and_the_smallest_number_is_kept()
    {
        var clock = new FakeTimeProvider();
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ConnectionPool<Connection> pool = Create(peer, options =>
        {
            options.MinConnections = 1;
            options.IdleTimeout = TimeSpan.FromSeconds(60);
            options.MaxLifetime = TimeSpan.FromSeconds(600);
            options.TimeProvider = clock;
        });
        await Waiting.UntilAsync(() => pool.IdleConnections == 1);
        PooledConnection<Connection>[] rented = [await pool.RentAsync().Soon(), await pool.RentAsync().Soon(), await pool.RentAsync().Soon()];
        foreach (PooledConnection<Connection> connection in rented)
        {
            await connection.DisposeAsync();
        }

        Assert.That(pool.IdleConnections, Is.EqualTo(3));
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return pool.IdleConnections == 1 && pool.UsedConnections == 0;
        });
        Assert.That(Opened, Is.EqualTo(3));

        // The clock runs on while the pool opens the next one, which may so take too long: the pool tries again after a pause on that clock.
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return Opened > 3 && pool.IdleConnections == 1;
        });
    }

    [TestCase("false", TestName = "A_connection_that_fails_its_check_is_replaced({a})")]
    [TestCase("throws", TestName = "A_connection_whose_check_throws_is_replaced({a})")]
    [TestCase("hangs", TestName = "A_connection_whose_check_hangs_is_replaced({a})")]
    public async Task A_connection_is_checked_before_it_is_rented_again(string fault)
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        int checks = 0;
        await using ConnectionPool<Connection> pool = Create(peer, options =>
        {
            options.HealthCheckAfter = TimeSpan.Zero;
            options.HealthCheckTimeout = TimeSpan.FromSeconds(2);
            options.HealthCheck = async (connection, token) =>
            {
                if (Interlocked.Increment(ref checks) == 1)
                {
                    await AskAsync(connection);
                    return true;
                }

                if (fault == "hangs")
                {
                    await Task.Delay(Timeout.Infinite, CancellationToken.None);
                }

                return fault == "throws" ? throw new IOException("check") : false;
            };
        });
        await using (await pool.RentAsync().Soon())
        {
            await Task.Yield();
        }

        await using (await pool.RentAsync().Soon())
        {
            Assert.That((checks, Opened), Is.EqualTo((1, 1)));
        }

        await using (await pool.RentAsync().Soon())
        {
            Assert.That((checks, Opened), Is.EqualTo((2, 2)));
        }
    }

    [Test]
    public async Task A_pool_is_measured()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        string name = Guid.NewGuid().ToString();
        var measured = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == "Sluice.Client")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        listener.Start();
        await using ConnectionPool<Connection> pool = Create(peer, options =>
        {
            options.Name = name;
            options.MaxConnections = 1;
            options.EndPoint = peer.EndPoint;
            options.RentTimeout = TimeSpan.FromSeconds(2);
        });
        await using (await pool.RentAsync().Soon())
        {
            Assert.That(await pool.RentAsync().OutcomeAsync(), Is.InstanceOf<TimeoutException>());
        }

        listener.RecordObservableInstruments();
        Assert.That(measured.Keys, Is.EquivalentTo((string[])[
            "sluice.client.connection.create_time", "sluice.client.connection.wait_time", "sluice.client.connection.use_time",
            "sluice.client.connection.timeouts", "sluice.client.connection.count idle", "sluice.client.connection.count used",
            "sluice.client.connection.max", "sluice.client.connection.idle.min", "sluice.client.connection.pending_requests",
        ]));
        Assert.That((measured["sluice.client.connection.count idle"], measured["sluice.client.connection.count used"]), Is.EqualTo((1, 0)));

        void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var all = tags.ToArray().ToDictionary();
            if (all["sluice.client.pool.name"] as string == name && all["server.address"] as string == "127.0.0.1")
            {
                string state = all.TryGetValue("sluice.client.connection.state", out object? found) ? $" {found}" : "";
                measured[instrument.Name + state] = value;
            }
        }
    }

    [Test]
    public async Task Many_callers_never_share_a_connection()
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using ConnectionPool<Connection> pool = Create(peer, options => options.MaxConnections = 4);
        await Task.WhenAll(Enumerable.Range(0, 32).Select(async caller =>
        {
            var random = new Random(caller);
            for (int i = 0; i < 30; i++)
            {
                using var source = new CancellationTokenSource();
                if (random.Next(3) == 0)
                {
                    source.CancelAfter(TimeSpan.FromMilliseconds(random.Next(3)));
                }

                try
                {
                    await using PooledConnection<Connection> rented = await pool.RentAsync(source.Token);
                    await AskAsync(rented.Connection, $"{caller}.{i}");
                    if (random.Next(20) == 0)
                    {
                        rented.Invalidate();
                    }
                }
                catch (OperationCanceledException)
                {
                    Assert.That(source.IsCancellationRequested);
                }
            }
        })).Soon();
        await Waiting.UntilAsync(() => pool.UsedConnections == 0);
        Assert.That(pool.IdleConnections, Is.LessThanOrEqualTo(4));
        Assert.That(pool.WaitingCallers, Is.Zero);
    }

    private static async Task AskAsync(Connection connection, string text = "hello")
    {
        await connection.Output.WriteStringAsync(text + "\n");
        Assert.That(await connection.Input.ReadLineAsync().Soon(), Is.EqualTo(text));
    }

    private ConnectionPool<Connection> Create(EchoPeer peer, Action<ConnectionPoolOptions<Connection>>? configure = null)
    {
        var options = new ConnectionPoolOptions<Connection>();
        configure?.Invoke(options);
        return new ConnectionPool<Connection>(
            async token =>
            {
                Interlocked.Increment(ref _opened);
                return (await Selector.Tcp().ConnectAsync(peer.EndPoint, cancellationToken: token)).OpenConnection();
            },
            options);
    }
}
