using System.Diagnostics.Metrics;
using Microsoft.Extensions.Time.Testing;

namespace Sluice.Client.Tests;

/// <summary>Functions of the user that get a token which ends in time.</summary>
public sealed class BoundedTests
{
    [Test]
    public async Task A_callback_that_throws_when_the_time_has_passed_does_not_reach_the_timer()
    {
        // An exception on the timer's thread would end the process.
        var clock = new FakeTimeProvider();
        await using ConnectionPool<Connection> pool = Create(clock, static token => token.Register(static () => throw new NotSupportedException("a callback")));
        Task renting = pool.RentAsync().AsTask();
        Assert.That(() => clock.Advance(TimeSpan.FromSeconds(6)), Throws.Nothing);
        Assert.That(await renting.OutcomeAsync(), Is.InstanceOf<TimeoutException>());
        Assert.That(pool.UsedConnections, Is.Zero);
    }

    [Test]
    public async Task A_callback_that_blocks_when_the_time_has_passed_holds_up_neither_the_timer_nor_the_caller()
    {
        var clock = new FakeTimeProvider();
        using var release = new ManualResetEventSlim();
        var returned = new TaskCompletionSource();
        await using ConnectionPool<Connection> pool = Create(clock, token => token.Register(() =>
        {
            release.Wait(Waiting.Patience);
            returned.SetResult();
        }));
        Task renting = pool.RentAsync().AsTask();
        Task advancing = Task.Run(() => clock.Advance(TimeSpan.FromSeconds(6)));
        Assert.That(await renting.OutcomeAsync(), Is.InstanceOf<TimeoutException>());
        await advancing.Soon();
        Assert.That(returned.Task.IsCompleted, Is.False);
        release.Set();
        await returned.Task.Soon();
    }

    [Test]
    public async Task A_disposal_begins_even_if_the_clock_throws_before_it()
    {
        var time = new ThrowingTime(static call => throw new NotSupportedException(call));
        for (int i = 0; i < 100; i++)
        {
            var item = new Item();
            Assert.That(await Bounded.DisposeAsync(item, time).OutcomeAsync(), Is.Null.Or.InstanceOf<NotSupportedException>());
            await item.Disposed.Soon();
        }
    }

    [Test]
    public async Task The_pools_own_openings_that_take_too_long_are_no_timeouts_of_callers()
    {
        var clock = new FakeTimeProvider();
        string name = Guid.NewGuid().ToString();
        int timeouts = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "sluice.client.connection.timeouts")
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                Interlocked.Add(ref timeouts, Equals(tag.Value, name) ? 1 : 0);
            }
        });
        listener.Start();
        int opened = 0;
        await using ConnectionPool<Connection> pool = Create(clock, _ => Interlocked.Increment(ref opened), options =>
        {
            options.Name = name;
            options.MinConnections = 1;
        });
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Volatile.Read(ref opened) > 1;
        });
        Assert.That(timeouts, Is.Zero);
        Task renting = pool.RentAsync().AsTask();
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.That(await renting.OutcomeAsync(), Is.InstanceOf<TimeoutException>());
        Assert.That(timeouts, Is.EqualTo(1));
    }

    [Test]
    public async Task A_function_that_blocks_holds_up_no_caller_for_longer_than_its_time()
    {
        var clock = new FakeTimeProvider();
        using var release = new ManualResetEventSlim();
        using var called = new ManualResetEventSlim();
        await using ConnectionPool<Connection> pool = Create(clock, _ =>
        {
            called.Set();
            release.Wait(2 * Waiting.Patience, CancellationToken.None);
        });
        Task renting = Task.Run(() => pool.RentAsync().AsTask());
        await Waiting.UntilAsync(() => called.IsSet);
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return renting.IsCompleted;
        });
        Assert.That(await renting.OutcomeAsync(), Is.InstanceOf<TimeoutException>());
        release.Set();
    }

    [Test]
    public async Task A_connection_whose_disposal_does_not_end_gives_up_its_place_in_time()
    {
        var clock = new FakeTimeProvider();
        var pool = new ConnectionPool<EndlessConnection>(
            _ => ValueTask.FromResult(new EndlessConnection()),
            new ConnectionPoolOptions<EndlessConnection> { TimeProvider = clock, MaxConnections = 1, RentTimeout = Timeout.InfiniteTimeSpan });
        PooledConnection<EndlessConnection> rented = await pool.RentAsync().Soon();
        EndlessConnection endless = rented.Connection;
        rented.Invalidate();
        await rented.DisposeAsync();
        Task<PooledConnection<EndlessConnection>> renting = pool.RentAsync().AsTask();
        await endless.Disposing.Task.Soon();
        Assert.That(renting.IsCompleted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.That(renting.IsCompleted, Is.False);
        clock.Advance(TimeSpan.FromSeconds(2));
        rented = await renting.Soon();
        await rented.DisposeAsync();

        Task disposing = pool.DisposeAsync().AsTask();
        await Waiting.UntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return disposing.IsCompleted;
        });
        await disposing;
    }

    [Test]
    public async Task A_connection_that_is_too_old_is_replaced_at_once_where_fewer_than_the_smallest_number_are_left()
    {
        var clock = new FakeTimeProvider();
        int opened = 0;
        await using var pool = new ConnectionPool<Connection>(
            _ =>
            {
                Interlocked.Increment(ref opened);
                return ValueTask.FromResult(ByteChannel.CreateConnectedPair().First);
            },
            new ConnectionPoolOptions<Connection> { TimeProvider = clock, MinConnections = 1, MaxLifetime = TimeSpan.FromHours(1) });
        await Waiting.UntilAsync(() => pool.IdleConnections == 1);
        PooledConnection<Connection> rented = await pool.RentAsync().Soon();
        clock.Advance(TimeSpan.FromHours(2));
        await rented.DisposeAsync();
        await Waiting.UntilAsync(() => pool.IdleConnections == 1);
        Assert.That(opened, Is.EqualTo(2));
    }

    private static ConnectionPool<Connection> Create(
        TimeProvider clock, Action<CancellationToken> onConnect, Action<ConnectionPoolOptions<Connection>>? configure = null)
    {
        var options = new ConnectionPoolOptions<Connection> { TimeProvider = clock, RentTimeout = TimeSpan.FromSeconds(5) };
        configure?.Invoke(options);
        return new ConnectionPool<Connection>(
            async token =>
            {
                onConnect(token);
                await Task.Delay(Timeout.Infinite, token);
                throw new InvalidOperationException("It is canceled before.");
            },
            options);
    }

    private sealed class Item : IAsyncDisposable
    {
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Disposed => _disposed.Task;

        public ValueTask DisposeAsync()
        {
            _disposed.SetResult();
            return ValueTask.CompletedTask;
        }
    }
}
