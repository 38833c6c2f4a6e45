using System.Buffers;
using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Sluice.Scheduling;

namespace Sluice.Tests.Sockets;

/// <summary>Disposals of which a step throws, at each step that runs something of a user's.</summary>
public sealed class DisposalTests(SelectorEngine engine) : LoggedFixture(engine)
{
    [Test]
    public void Every_step_runs_and_what_they_threw_is_told_once()
    {
        var steps = new DisposalSteps();
        steps.Run(() => { });
        steps.ThrowIfFailed();
        Assert.That(steps.Failure, Is.Null);

        var first = new InvalidOperationException("first");
        steps.Run(() => throw first);
        Assert.That(steps.Failure, Is.SameAs(first));
        Assert.That(() => steps.ThrowIfFailed(), Throws.Exception.SameAs(first));

        int ran = 0;
        steps.Run(ran, _ => throw new IOException("second"));
        steps.Run(() => ran++);

        Assert.That(ran, Is.EqualTo(1));
        Assert.That(steps.Failure, Is.TypeOf<AggregateException>().With.Property(nameof(AggregateException.InnerExceptions)).Count.EqualTo(2));
    }

    [Test]
    public async Task A_buffer_pool_that_throws_keeps_nothing_from_being_closed()
    {
        var pool = new ThrowingPool();
        SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = pool, LoggerFactory = LoggerFactory });
        var sockets = new List<StreamSocket>();
        for (int i = 0; i < 4; i++)
        {
            (StreamSocket one, StreamSocket other) = await Peers.OwnPairAsync(selector);
            Connection near = one.OpenConnection();
            Connection far = other.OpenConnection();
            await near.Output.WriteStringAsync("more than is read").Soon();
            await far.Output.WriteStringAsync("more than is read").Soon();
            await near.Input.ReadByteAsync().Soon();
            await far.Input.ReadByteAsync().Soon();
            sockets.AddRange([one, other]);
        }

        pool.Throws = true;
        Task<Exception?> disposal = selector.DisposeAsync().OutcomeAsync();

        Assert.That(await disposal, Is.Null);
        Assert.That(await selector.DisposeAsync().OutcomeAsync(), Is.Null, "the second disposal");
        Assert.DoesNotThrow(selector.Dispose);
        foreach (StreamSocket socket in sockets)
        {
            Assert.That(socket.IsClosed);
            await socket.Completion.Soon();
        }

        Assert.That(selector.Describe().Sockets, Is.Empty);
        Assert.That(pool.Thrown, Is.GreaterThan(0));
        await Waiting.UntilAsync(() => Logged.Count("BlockReturnFailed") == pool.Thrown);
        Assert.That(Logged.Count("DisposalFailed"), Is.Zero);
    }

    [Test]
    public async Task A_buffer_pool_that_throws_keeps_no_single_socket_open([Values] bool aborts)
    {
        var pool = new ThrowingPool();
        await using SelectorManager selector = CreateManager(new SelectorOptions { BufferPool = pool, LoggerFactory = LoggerFactory });
        (StreamSocket ours, Socket peer) = await Peers.PairAsync(selector);
        ByteReadChannel input = ours.OpenReadChannel();
        await peer.SendAsync(new byte[100]);
        await input.ReadByteAsync().Soon();
        pool.Throws = true;

        if (aborts)
        {
            ours.Abort();
        }
        else
        {
            Assert.That(await ours.CloseAsync().OutcomeAsync(), Is.Null);
        }

        await ours.Completion.Soon();
        await peer.EndAsync();
        await ours.CloseAsync().Soon();
        Assert.That(selector.Describe().Sockets, Is.Empty);
        Assert.That(Logged.Count("BlockReturnFailed"), Is.EqualTo(1));
        Assert.That(Logged.Count("DisposalFailed"), Is.Zero);
        pool.Throws = false;
        peer.Dispose();
    }

    [Test]
    public async Task A_clock_whose_timers_throw_when_they_are_disposed_of_keeps_nothing_from_being_closed()
    {
        int loops = Engine == SelectorEngine.Epoll ? Descriptors.Threads("Sluice loop") : 0;
        var clock = new ThrowingClock();
        SelectorManager selector = CreateManager(new SelectorOptions { TimeProvider = clock, LoggerFactory = LoggerFactory });
        (StreamSocket one, StreamSocket other) = await Peers.OwnPairAsync(selector, options => options.SocketTimeout = TimeSpan.FromMinutes(1));
        clock.Throws = true;

        Assert.That(await selector.DisposeAsync().OutcomeAsync(), Is.Null);

        await one.Completion.Soon();
        await other.Completion.Soon();
        Assert.That(Logged.Count("DisposalFailed"), Is.GreaterThan(0));
        if (Engine == SelectorEngine.Epoll)
        {
            await Waiting.UntilAsync(() => Descriptors.Threads("Sluice loop") <= loops);
        }
    }

    [Test]
    public async Task A_callback_that_throws_on_a_token_of_a_server_keeps_it_from_nothing([Values] bool disposesManager)
    {
        var limiter = new RegisteringLimiter();
        ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        Task serving = server.ServeAsync((_, _) => Task.CompletedTask, new ServeOptions { AcceptLimiter = limiter });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await limiter.Asked.Soon();

        Assert.That(
            await (disposesManager ? Selector.DisposeAsync().OutcomeAsync() : ((Task)server.StopAsync(TimeSpan.Zero)).OutcomeAsync()),
            Is.Null);

        await serving.Soon();
        await server.Completion.Soon();
        await Waiting.UntilAsync(() => Logged.Count("CancellationFailed") == 1);
        await client.EndAsync().Soon();
    }

    [Test]
    public async Task A_callback_that_throws_on_the_token_of_a_handshake_keeps_the_listener_from_nothing()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ServerSocket server = (await Selector.Tcp().BindAsync("127.0.0.1")).UseTls(async (_, _, _, token) =>
        {
            token.Register(() => throw new InvalidOperationException("a callback"));
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return new SslServerAuthenticationOptions();
        });
        Task<Exception?> accepting = server.AcceptAsync().OutcomeAsync();
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        var stream = new SslStream(new NetworkStream(client));
        Task greeting = stream.AuthenticateAsClientAsync(Trusting());
        await asked.Task.Soon();

        Assert.That(await server.DisposeAsync().OutcomeAsync(), Is.Null);

        Assert.That(await accepting, Is.TypeOf<ObjectDisposedException>());
        Assert.That(await greeting.OutcomeAsync(), Is.Not.Null);
        await Waiting.UntilAsync(() => Selector.Describe().Sockets.Count == 0);
    }

    [Test]
    public async Task A_lease_that_throws_costs_no_slot()
    {
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var options = new ServeOptions { MaxConnections = 1, AcceptLimiter = new GrantedLeases(() => throw new InvalidOperationException("a lease")) };
        Task serving = server.ServeAsync((connection, token) => connection.Output.WriteLineAsync("hello", token).AsTask(), options);
        for (int i = 0; i < 3; i++)
        {
            using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
            Assert.That(await client.ReadToEndAsync().Soon(), Is.GreaterThan(0), $"connection {i}");
        }

        await server.StopAsync(TimeSpan.FromSeconds(10)).Soon();
        await serving.Soon();
        Assert.That(Logged.Count("DisposalFailed"), Is.EqualTo(3));
    }

    [Test]
    public async Task A_server_ends_after_the_last_lease_was_given_back()
    {
        Task stopping = Task.CompletedTask;
        bool? hasStoppedBefore = null;

        // Gives a server that does not wait for the lease the time to end.
        var leases = new GrantedLeases(() => hasStoppedBefore = SpinWait.SpinUntil(() => stopping.IsCompleted, TimeSpan.FromMilliseconds(100)));
        await using ServerSocket server = await Selector.Tcp().BindAsync("127.0.0.1");
        var handling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = server.ServeAsync(
            async (_, _) =>
            {
                handling.SetResult();
                await enough.Task;
            },
            new ServeOptions { AcceptLimiter = leases });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await handling.Task.Soon();
        stopping = server.StopAsync(Patience);

        enough.SetResult();
        await stopping.Soon();
        await serving.Soon();

        Assert.That(hasStoppedBefore, Is.False);
    }

    [Test]
    public async Task A_meter_listener_that_throws_keeps_no_socket_from_its_completion()
    {
        using var listener = new MeterListener();
        bool throws = false;
        listener.InstrumentPublished = (instrument, me) =>
        {
            if (instrument.Name == "sluice.connection.duration")
            {
                me.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) =>
        {
            if (Volatile.Read(ref throws))
            {
                throw new InvalidOperationException("a listener");
            }
        });
        listener.Start();
        (StreamSocket one, StreamSocket other) = await Peers.OwnPairAsync(Selector);
        Volatile.Write(ref throws, true);

        one.Abort();
        Assert.That(await other.CloseAsync().OutcomeAsync(), Is.Null);

        Volatile.Write(ref throws, false);
        await one.Completion.Soon();
        await other.Completion.Soon();
        Assert.That(Logged.Count("DisposalFailed"), Is.EqualTo(2));
    }

    private sealed class ThrowingPool : MemoryPool<byte>
    {
        private int _thrown;

        public volatile bool Throws;

        public int Thrown => _thrown;

        public override int MaxBufferSize => Shared.MaxBufferSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Owner(this, Shared.Rent(minBufferSize));

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Owner(ThrowingPool pool, IMemoryOwner<byte> inner) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory => inner.Memory;

            public void Dispose()
            {
                inner.Dispose();
                if (pool.Throws)
                {
                    Interlocked.Increment(ref pool._thrown);
                    throw new InvalidOperationException("a pool");
                }
            }
        }
    }

    private sealed class ThrowingClock : TimeProvider
    {
        public volatile bool Throws;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Timer(this, base.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(ThrowingClock clock, ITimer inner) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

            public void Dispose()
            {
                inner.Dispose();
                if (clock.Throws)
                {
                    throw new InvalidOperationException("a timer");
                }
            }

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }

    private sealed class RegisteringLimiter : RateLimiter
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Asked => _asked.Task;

        public override TimeSpan? IdleDuration => null;

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => new RefusedLease();

        protected override async ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken)
        {
            cancellationToken.Register(() => throw new InvalidOperationException("a callback"));
            _asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new NotSupportedException();
        }
    }

    /// <summary>Grants every lease. The action runs when one is given back.</summary>
    private sealed class GrantedLeases(Action returned) : RateLimiter
    {
        public override TimeSpan? IdleDuration => null;

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => new Lease(returned);

        protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(new Lease(returned));

        private sealed class Lease(Action returned) : RateLimitLease
        {
            public override bool IsAcquired => true;

            public override IEnumerable<string> MetadataNames => [];

            public override bool TryGetMetadata(string metadataName, out object? metadata)
            {
                metadata = null;
                return false;
            }

            protected override void Dispose(bool disposing)
            {
                base.Dispose(disposing);
                if (disposing)
                {
                    returned();
                }
            }
        }
    }
}
