using System.Net.Sockets;
using System.Threading.RateLimiting;

namespace Sluice.Tests.Sockets;

/// <summary>Disposals that something disposes of again which they have called themselves.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ReentrantDisposalTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task An_inline_continuation_of_a_server_that_ends_with_its_manager_disposes_of_the_manager_again([Values] bool waits)
    {
        SelectorManager selector = CreateManager();
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        var handling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        // With its one slot taken, the server waits for the slot or for the token that the disposal cancels.
        Task serving = server.ServeAsync(
            async (connection, token) =>
            {
                handling.TrySetResult();
                await connection.Input.ReadLineAsync(token);
            },
            new ServeOptions { MaxConnections = 1 });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await handling.Task.Soon();
        Task<Exception?> again = serving.ContinueWith(
            _ => DisposeAsync(selector, waits),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default).Unwrap().OutcomeAsync();

        Assert.That(await selector.DisposeAsync().OutcomeAsync(), Is.Null);
        Assert.That(await again.Soon(), Is.Null);
    }

    [Test]
    public async Task A_limiter_that_is_cancelled_disposes_of_everything_again([Values] bool waits)
    {
        SelectorManager selector = CreateManager();
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disposed = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var limiter = new CallbackLimiter(asked, () => disposed.SetResult(DisposeAll().OutcomeAsync().GetAwaiter().GetResult()));
        Task serving = server.ServeAsync((_, _) => Task.CompletedTask, new ServeOptions { AcceptLimiter = limiter });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await asked.Task.Soon();

        Assert.That(await selector.DisposeAsync().OutcomeAsync(), Is.Null);

        Assert.That(await disposed.Task.Soon(), Is.Null);
        await serving.Soon();

        async Task DisposeAll()
        {
            await server.DisposeAsync();
            await DisposeAsync(selector, waits);
        }
    }

    [Test]
    public async Task A_handler_its_completion_and_its_abort_dispose_of_the_manager_again([Values] bool waits)
    {
        SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 1 });
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        var ends = new List<Task<Exception?>>();
        var handling = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = server.ServeAsync(
            async (connection, _) =>
            {
                lock (ends)
                {
                    ends.Add(connection.Socket.Completion.ContinueWith(
                        _ => DisposeAsync(selector, waits),
                        CancellationToken.None,
                        TaskContinuationOptions.ExecuteSynchronously,
                        TaskScheduler.Default).Unwrap().OutcomeAsync());
                }

                handling.TrySetResult();
                await connection.Input.ReadLineAsync(CancellationToken.None);
            },
            new ServeOptions
            {
                OnAborted = _ =>
                {
                    lock (ends)
                    {
                        ends.Add(Task.Run(() => DisposeAsync(selector, waits)).OutcomeAsync());
                        ends.Add(server.DisposeAsync().OutcomeAsync());
                    }
                },
            });
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);
        await handling.Task.Soon();

        Assert.That(await server.StopAsync(TimeSpan.Zero).Soon(), Is.EqualTo(1));
        await serving.Soon();
        await selector.DisposeAsync().Soon();

        Assert.That(await Task.WhenAll(ends).Soon(), Has.Length.EqualTo(3).And.All.Null);
    }

    [Test]
    public async Task A_handler_disposes_of_the_manager_it_runs_on([Values] bool waits)
    {
        SelectorManager selector = CreateManager(new SelectorOptions { LoopCount = 1 });
        ServerSocket server = await selector.Tcp().BindAsync("127.0.0.1");
        var disposed = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task serving = server.ServeAsync(async (_, _) => disposed.SetResult(await DisposeAsync(selector, waits).OutcomeAsync()));
        using Socket client = await Peers.ConnectAsync(server.LocalEndPoint);

        Assert.That(await disposed.Task.Soon(), Is.Null);
        await serving.Soon();
    }

    private static async Task DisposeAsync(SelectorManager selector, bool waits)
    {
        if (waits)
        {
            selector.Dispose();
        }
        else
        {
            await selector.DisposeAsync();
        }
    }

    private sealed class CallbackLimiter(TaskCompletionSource asked, Action callback) : RateLimiter
    {
        public override TimeSpan? IdleDuration => null;

        public override RateLimiterStatistics? GetStatistics() => null;

        protected override RateLimitLease AttemptAcquireCore(int permitCount) => new RefusedLease();

        protected override async ValueTask<RateLimitLease> AcquireAsyncCore(
            int permitCount, CancellationToken cancellationToken)
        {
            cancellationToken.Register(callback);
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new NotSupportedException();
        }
    }
}
