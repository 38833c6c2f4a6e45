using Sluice.Client;
using Sluice.Stress.Kit;

namespace Sluice.Stress.Races;

/// <summary>Callers rent connections of a pool, cancel, and give back good and broken ones, while the pool is disposed of. None is shared, none is left open.</summary>
internal sealed class PoolingRace : Race
{
    public override IReadOnlyList<Wire> Wires { get; } = [Wire.Tcp, Wire.Unix];

    public override async Task RunAsync(Round round)
    {
        await using ServerSocket listener = await round.World.ListenAsync();
        Task serving = listener.ServeAsync(EchoAsync);
        int most = round.Random.Next(1, 4);
        int inUse = 0;
        var pool = new ConnectionPool<Connection>(
            async token => (await round.World.ConnectAsync(listener.LocalEndPoint, token)).OpenConnection(),
            new ConnectionPoolOptions<Connection> { MaxConnections = most, MinConnections = round.Random.Next(2), RentTimeout = TimeSpan.FromSeconds(20) });
        Random disposing = round.Fork();
        await round.TogetherAsync([
            .. Enumerable.Range(0, 4).Select(_ => RentingBy(round, round.Fork(), pool, count =>
            {
                if (Interlocked.Add(ref inUse, count) > most)
                {
                    round.Fault($"More than {most} connections are in use.");
                }
            })),
            async () =>
            {
                Thread.SpinWait(disposing.Next(2_000_000));
                await Task.Delay(disposing.Next(5));
                await round.TryAsync(Allowed.None, () => pool.DisposeAsync(), what: "Disposing of a pool");
            },
        ]);
        for (int i = 0; i < 500 && pool.UsedConnections > 0; i++)
        {
            await Task.Delay(10);
        }

        if (pool.UsedConnections != 0 || pool.IdleConnections != 0 || pool.WaitingCallers != 0)
        {
            round.Fault($"{pool.UsedConnections} connections are used, {pool.IdleConnections} idle, and {pool.WaitingCallers} callers wait after the disposal.");
        }

        await round.TryAsync(Allowed.None, () => listener.StopAsync(TimeSpan.Zero), what: "Stopping a listener");
        await round.TryAsync(Allowed.None, () => serving, what: "Serving");
    }

    private static Func<Task> RentingBy(Round round, Random random, ConnectionPool<Connection> pool, Action<int> count) => async () =>
    {
        bool goesOn = true;
        for (int i = 0; i < 20 && goesOn; i++)
        {
            using var cancelling = new CancellationTokenSource();
            ValueTask<PooledConnection<Connection>> renting = pool.RentAsync(cancelling.Token);
            if (random.Next(4) == 0)
            {
                Thread.SpinWait(random.Next(3_000));
                await cancelling.CancelAsync();
            }

            goesOn = cancelling.IsCancellationRequested;
            await round.TryAsync(
                Allowed.Closed | Allowed.Canceled,
                async () =>
                {
                    await using PooledConnection<Connection> rented = await renting.ConfigureAwait(false);
                    goesOn = true;
                    count(1);
                    await ExchangeAsync(round, random, rented).ConfigureAwait(false);
                    count(-1);
                },
                cancelling.Token,
                "Renting");
        }
    };

    private static async Task ExchangeAsync(Round round, Random random, PooledConnection<Connection> rented)
    {
        Connection connection = rented.Connection;
        string text = $"{random.Next()}";
        await connection.Output.WriteLineAsync(text).ConfigureAwait(false);
        string? line = await connection.Input.ReadLineAsync().ConfigureAwait(false);
        if (line != text)
        {
            round.Fault($"'{text}' was answered with '{line}'.");
        }

        switch (random.Next(6))
        {
            case 0:
                rented.Invalidate();
                break;
            case 1:
                connection.Abort();
                break;
        }
    }

    private static async Task EchoAsync(Connection connection, CancellationToken cancellationToken)
    {
        while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
        {
            await connection.Output.WriteLineAsync(line, cancellationToken);
        }
    }
}
