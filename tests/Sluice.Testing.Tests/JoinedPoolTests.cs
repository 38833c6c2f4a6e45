using System.Threading.Channels;

namespace Sluice.Testing.Tests;

/// <summary>Work in the queue that all threads of the thread pool share, as a part of a simulation.</summary>
public sealed class JoinedPoolTests
{
    private static readonly SimulationOptions s_options = new() { JoinsThreadPool = true };

    [Test]
    public Task Work_that_is_queued_to_the_pool_runs_alone_and_in_virtual_time() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        int running = 0;
        await host.RunAsync(_ => Task.WhenAll(Enumerable.Range(0, 10).Select(async i =>
        {
            await QueueAsync(i % 2 == 0, () =>
            {
                Assert.That(Interlocked.Increment(ref running), Is.EqualTo(1));
                Thread.Yield();
                Assert.That(Interlocked.Decrement(ref running), Is.Zero);
                Assert.That(network.Time.Elapsed, Is.EqualTo(TimeSpan.Zero));
            });
            Assert.That(running, Is.Zero);
            await host.Time.Delay(TimeSpan.FromSeconds(i));
        })));
        Assert.That(network.Time.Elapsed, Is.EqualTo(TimeSpan.FromSeconds(9)));
    }, s_options);

    [Test]
    public async Task The_seed_decides_when_it_runs()
    {
        var orders = new HashSet<string>();
        for (ulong seed = 1; seed <= 50; seed++)
        {
            string first = await OrderOfAsync(seed);
            Assert.That(await OrderOfAsync(seed), Is.EqualTo(first));
            orders.Add(first);
        }

        Assert.That(orders, Has.Count.GreaterThan(10));

        static async Task<string> OrderOfAsync(ulong seed)
        {
            string order = "";
            await Simulation.RunSeedAsync(seed, network => Task.WhenAll(network.AddHost("a").RunAsync(_ => RunAsync("a")), network.AddHost("b").RunAsync(_ => RunAsync("b"))), s_options);
            return order;

            async Task RunAsync(string host)
            {
                for (int i = 0; i < 5; i++)
                {
                    await QueueAsync(false, () => order += host);
                    order += host;
                }
            }
        }
    }

    [Test]
    public Task Channels_and_tasks_that_prefer_fairness_stay() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        var channel = Channel.CreateUnbounded<int>();
        Task<int> reading = host.RunAsync(async _ =>
        {
            int sum = 0;
            await foreach (int one in channel.Reader.ReadAllAsync())
            {
                sum += one;
            }

            return sum;
        });
        await host.RunAsync(async _ =>
        {
            for (int i = 1; i <= 10; i++)
            {
                int number = i;
                await Task.Factory.StartNew(() => channel.Writer.TryWrite(number), CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
                await host.Time.Delay(TimeSpan.FromSeconds(1));
            }

            channel.Writer.Complete();
        });
        Assert.That(await reading, Is.EqualTo(55));
    }, s_options);

    [Test]
    public Task Work_may_run_code_in_another_execution_context() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        ExecutionContext? none = null;
        var thread = new Thread(() => none = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        int ran = 0;
        await host.RunAsync(_ => QueueAsync(false, () =>
        {
            ExecutionContext.Run(none!, _ => ran++, null);
            Thread.Yield();
            ran++;
        }));
        Assert.That(ran, Is.EqualTo(2));
    }, s_options);

    [Test]
    public Task Simulations_share_the_pool() => Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Work_that_is_queued_to_the_pool_runs_alone_and_in_virtual_time()));

    [Test]
    public async Task Work_that_blocks_is_named()
    {
        using var never = new ManualResetEventSlim();
        SimulationException failure = await Failure.OfAsync<SimulationException>(() => Simulation.RunAsync(
            1,
            network => network.AddHost("stuck").RunAsync(_ => QueueAsync(false, () => never.Wait(TimeSpan.FromMinutes(1)))),
            new SimulationOptions { JoinsThreadPool = true, RealTimeLimit = TimeSpan.FromSeconds(3) }));
        never.Set();

        Assert.That(failure.InnerException, Is.TypeOf<SimulationEscapeException>().With.Message.Contains("'stuck'"));
    }

    [Test]
    public Task What_a_crashed_host_has_queued_does_not_run_before_the_end() => Simulation.RunAsync(200, async network =>
    {
        SimulatedHost host = network.AddHost("host");
        bool ran = false;
        bool isOver = false;
        Task queued = host.RunAsync(_ =>
        {
            host.Crash();
            return QueueAsync(false, () => ran = !isOver);
        });
        await network.Time.Delay(TimeSpan.FromSeconds(1));
        await Failure.OfAsync<TaskCanceledException>(() => queued);
        Assert.That(ran, Is.False);
        isOver = true;
    }, s_options);

    private static Task QueueAsync(bool flows, Action work)
    {
        var ended = new TaskCompletionSource();
        WaitCallback run = _ =>
        {
            try
            {
                work();
                ended.SetResult();
            }
            catch (Exception exception)
            {
                ended.SetException(exception);
            }
        };
        if (flows)
        {
            ThreadPool.QueueUserWorkItem(run);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(run, null);
        }

        return ended.Task;
    }
}
