namespace Sluice.Client.Tests;

/// <summary>Code of the user's throws in any one of its calls, or from one on: everything still ends, no place is lost, and no connection stays open.</summary>
public sealed class ThrowingCodeTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_pool_loses_no_place([Values] bool once) =>
        Assert.That(await ThrowingCode.ThrowInEachCallAsync(once, UsePoolAsync), Is.GreaterThan(10));

    [Test]
    public async Task A_pool_keeps_its_smallest_number_open([Values] bool once) =>
        Assert.That(await ThrowingCode.ThrowInEachCallAsync(once, code => KeepOneOpenAsync(code, once)), Is.GreaterThan(10));

    [Test]
    public async Task Requests_end([Values] bool once) =>
        Assert.That(await ThrowingCode.ThrowInEachCallAsync(once, code => RequestAsync(code, once)), Is.GreaterThan(10));

    [Test]
    public async Task A_connection_that_reconnects_goes_on_or_ends([Values] bool once) =>
        Assert.That(await ThrowingCode.ThrowInEachCallAsync(once, ReconnectAsync), Is.GreaterThan(5));

    private async Task UsePoolAsync(ThrowingCode code)
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        var pool = new ConnectionPool<Connection>(
            token => ConnectAsync(code, peer, token),
            new ConnectionPoolOptions<Connection>
            {
                MaxConnections = 1,
                RentTimeout = TimeSpan.FromSeconds(20),
                MaxLifetime = TimeSpan.FromMinutes(1),
                TimeProvider = new ThrowingTime(code.Enter),
                HealthCheckAfter = TimeSpan.Zero,
                HealthCheck = (_, _) =>
                {
                    code.Enter("HealthCheck");
                    return new(true);
                },
                IsUsable = _ =>
                {
                    code.Enter("IsUsable");
                    return true;
                },
            });
        for (int i = 0; i < 4; i++)
        {
            await TryAsync(() => UseAsync(pool, waiting: i == 2));
        }

        if (code.IsDone)
        {
            await UseAsync(pool, waiting: true).Soon();
        }

        await TryAsync(() => pool.DisposeAsync().AsTask());
        await Waiting.UntilAsync(() => peer.Open == 0);
    }

    private async ValueTask<Connection> ConnectAsync(ThrowingCode code, EchoPeer peer, CancellationToken cancellationToken)
    {
        code.Enter("connect");
        return (await Selector.Tcp().ConnectAsync(peer.EndPoint, cancellationToken: cancellationToken)).OpenConnection();
    }

    private static async Task UseAsync(ConnectionPool<Connection> pool, bool waiting)
    {
        Task other = Task.CompletedTask;
        try
        {
            await using PooledConnection<Connection> rented = await pool.RentAsync();
            if (waiting)
            {
                other = UseAsync(pool, waiting: false);
            }
        }
        finally
        {
            await other;
        }
    }

    private async Task KeepOneOpenAsync(ThrowingCode code, bool once)
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        var pool = new ConnectionPool<Connection>(
            token => ConnectAsync(code, peer, token),
            new ConnectionPoolOptions<Connection>
            {
                MinConnections = 1,
                MaxConnections = 2,
                IdleTimeout = TimeSpan.FromMilliseconds(200),
                TimeProvider = new ThrowingTime(code.Enter),
            });

        // With a clock that throws from some call on, the pool need not open any.
        await Waiting.UntilAsync(() => pool.IdleConnections == 1 || (!once && code.Threw is not null));
        await TryAsync(async () =>
        {
            await using PooledConnection<Connection> rented = await pool.RentAsync();
            rented.Invalidate();
        });
        await Waiting.UntilAsync(() => pool is { IdleConnections: 1, UsedConnections: 0 } || (!once && code.Threw is not null));
        await pool.DisposeAsync().Soon();
        await Waiting.UntilAsync(() => peer.Open == 0 && pool is { IdleConnections: 0, UsedConnections: 0 });
    }

    private async Task RequestAsync(ThrowingCode code, bool once)
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        await using Connection connection = (await Selector.Tcp().ConnectAsync(peer.EndPoint).Soon()).OpenConnection();
        RequestChannel<string, string> channel;
        try
        {
            channel = RequestChannel.Create(connection, new LineProtocol(), new RequestChannelOptions { TimeProvider = new ThrowingTime(code.Enter) });
        }
        catch (NotSupportedException)
        {
            return;
        }

        await TryAsync(() => Task.WhenAll(channel.SendAsync("one").AsTask(), channel.SendAsync("two").AsTask()));
        peer.IsSilent = true;
        Task late = Task.WhenAll(
            TryAsync(() => channel.SendAsync("three", TimeSpan.FromMilliseconds(10)).AsTask()),
            TryAsync(() => channel.SendAsync("four", TimeSpan.FromMilliseconds(30)).AsTask()));

        // Without a clock, no time passes: the disposal ends the requests.
        await (once ? late : Waiting.UntilAsync(() => late.IsCompleted || code.Threw is not null));
        await channel.DisposeAsync().Soon();
        await late;
        Assert.That(channel.InFlight, Is.Zero);
        await Waiting.UntilAsync(() => peer.Open == 0);
    }

    private async Task ReconnectAsync(ThrowingCode code)
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        ReconnectingConnection<RequestChannel<string, string>> connection = ReconnectingConnection.Create(
            Selector.Tcp(),
            [peer.EndPoint],
            (opened, _) =>
            {
                code.Enter("open");
                return ValueTask.FromResult(RequestChannel.Create(opened, new LineProtocol(), new RequestChannelOptions { TimeProvider = new ThrowingTime(code.Enter) }));
            },
            new ReconnectOptions<RequestChannel<string, string>>
            {
                MinDelay = TimeSpan.FromMilliseconds(1),
                MaxDelay = TimeSpan.FromMilliseconds(2),
                MaxAttempts = 3,
                WaitTimeout = TimeSpan.FromSeconds(20),
                TimeProvider = new ThrowingTime(code.Enter),
                OnStateChanged = _ => code.Enter("OnStateChanged"),
                HeartbeatInterval = TimeSpan.FromMinutes(1),
                Heartbeat = (_, _) => default,
            });
        await TryAsync(() => connection.SendAsync("one").AsTask());
        peer.AbortAll();
        await TryAsync(() => connection.SendAsync("two").AsTask());
        await TryAsync(() => connection.DisposeAsync().AsTask());
        await Waiting.UntilAsync(() => peer.Open == 0);
        Assert.That(connection.State, Is.EqualTo(ReconnectState.Closed));
    }

    // How it ends is up to the code that throws; that it ends is not.
    private static async Task TryAsync(Func<Task> act)
    {
        try
        {
            await act().Soon();
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
        }
    }
}
