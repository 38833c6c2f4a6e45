namespace Sluice.Client.Tests;

/// <summary>Code of the user's throws in any one of its calls, or from one on: everything still ends, no place is lost, and no connection stays open.</summary>
public sealed class ThrowingCodeTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task A_pool_loses_no_place([Values] bool once) =>
        Assert.That(await ThrowingCode.ThrowInEachCallAsync(once, UsePoolAsync), Is.GreaterThan(10));

    [Test]
    public async Task A_connection_that_reconnects_goes_on_or_ends([Values] bool once) =>
        Assert.That(await ThrowingCode.ThrowInEachCallAsync(once, ReconnectAsync), Is.GreaterThan(5));

    private async Task UsePoolAsync(ThrowingCode code)
    {
        await using EchoPeer peer = await EchoPeer.StartAsync(Selector);
        var pool = new ConnectionPool<Connection>(
            async token =>
            {
                code.Enter("connect");
                return (await Selector.Tcp().ConnectAsync(peer.EndPoint, cancellationToken: token)).OpenConnection();
            },
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

    private static async Task UseAsync(ConnectionPool<Connection> pool, bool waiting)
    {
        Task other = Task.CompletedTask;
        await using (PooledConnection<Connection> rented = await pool.RentAsync())
        {
            if (waiting)
            {
                other = UseAsync(pool, waiting: false);
            }
        }

        await other;
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
