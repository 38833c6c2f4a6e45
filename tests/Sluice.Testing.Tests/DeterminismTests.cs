namespace Sluice.Testing.Tests;

/// <summary>The seed decides everything, and what it does not decide is named.</summary>
public sealed class DeterminismTests
{
    private static readonly SimulationOptions s_once = new() { ChecksDeterminism = false };

    [Test]
    public async Task The_same_seed_gives_the_same_trace_and_another_seed_another_one()
    {
        SimulationTrace one = await Simulation.RunSeedAsync(7, BusyAsync);
        SimulationTrace again = await Simulation.RunSeedAsync(7, BusyAsync);
        SimulationTrace other = await Simulation.RunSeedAsync(8, BusyAsync);

        Assert.That(again.ToString(), Is.EqualTo(one.ToString()));
        Assert.That(again.Hash, Is.EqualTo(one.Hash));
        Assert.That(other.Hash, Is.Not.EqualTo(one.Hash));
    }

    [Test]
    public async Task Work_for_the_thread_pool_stays_on_the_thread()
    {
        await Simulation.RunAsync(20, async network =>
        {
            int thread = Environment.CurrentManagedThreadId;
            await Task.Run(() => Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread)));
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task waiting = WaitAsync(source.Task);
            source.SetResult();
            await waiting;
            await Task.Yield();
            Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread));
        });

        static async Task WaitAsync(Task task)
        {
            int thread = Environment.CurrentManagedThreadId;
            await task.ConfigureAwait(false);
            Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread));
        }
    }

    [Test]
    public async Task A_wall_clock_timer_is_named()
    {
        SimulationException failure = await FailAsync(_ => Task.Delay(10));

        Assert.That(failure.InnerException, Is.TypeOf<SimulationEscapeException>());
        Assert.That(failure.Message, Does.Contain("another thread has resumed code of 'test'").And.Contain("TimerQueue"));
    }

    [Test]
    public async Task Work_in_the_global_queue_of_the_pool_is_named()
    {
        SimulationException failure = await FailAsync(async _ =>
        {
            var ended = new TaskCompletionSource();
            ThreadPool.QueueUserWorkItem(_ => ended.SetResult());
            await ended.Task;
        });

        Assert.That(failure.InnerException, Is.TypeOf<SimulationEscapeException>());
        Assert.That(failure.Message, Does.Contain("runs on another thread").And.Contain("QueueUserWorkItem"));
    }

    [Test]
    public async Task A_wait_that_blocks_the_thread_is_named()
    {
        SimulationException failure = await FailAsync(network =>
        {
            network.Time.Delay(TimeSpan.FromSeconds(1)).Wait();
            return Task.CompletedTask;
        });

        Assert.That(failure.Message, Does.Contain("blocked the thread").And.Contain(nameof(A_wait_that_blocks_the_thread_is_named)));
    }

    [Test]
    public async Task Code_that_never_yields_ends_the_run()
    {
        bool over = false;
        var options = new SimulationOptions { RealTimeLimit = TimeSpan.FromSeconds(2) };
        SimulationException failure = await Failure.OfAsync<SimulationException>(() => Simulation.RunAsync(
            1,
            network =>
            {
                while (!Volatile.Read(ref over))
                {
                    Thread.Sleep(1);
                }

                return Task.CompletedTask;
            },
            options));
        Volatile.Write(ref over, true);

        Assert.That(failure.Message, Does.Contain("of real time").And.Contain("'test'"));
    }

    [Test]
    public async Task A_test_that_waits_for_nothing_fails_at_once()
    {
        SimulationException failure = await FailAsync(_ => new TaskCompletionSource().Task);

        Assert.That(failure.Message, Does.Contain("Nothing can run any more"));
    }

    [Test]
    public async Task A_test_that_depends_on_more_than_the_seed_fails()
    {
        int runs = 0;
        Exception failure = await Failure.OfAsync<SimulationException>(() => Simulation.RunAsync(2, async network =>
        {
            SimulatedHost host = network.AddHost("host");
            await network.Time.Delay(TimeSpan.FromSeconds(1));
            network.Trace.Note(host, $"run {++runs}");
        }));

        Assert.That(failure.InnerException, Is.TypeOf<SimulationNondeterminismException>());
        Assert.That(failure.Message, Does.Contain("run 1").And.Contain("run 2"));
    }

    [Test]
    public async Task A_failure_has_the_seed_and_the_trace()
    {
        SimulationException failure = await Failure.OfAsync<SimulationException>(() => Simulation.RunAsync(10, async network =>
        {
            await BusyAsync(network);
            if (network.Seed == 4)
            {
                throw new InvalidOperationException("a bug");
            }
        }));

        Assert.That(failure.Seed, Is.EqualTo(4));
        Assert.That(failure.Message, Does.Contain("SLUICE_SEED=4").And.Contain("a bug").And.Contain("client -> server  SYN"));
        Assert.That(failure.Trace!.ToMermaid(), Does.StartWith("sequenceDiagram\n    participant server\n    participant client\n").And.Contain("client->>server: "));
    }

    [Test]
    public async Task A_program_that_fails_ends_the_run()
    {
        SimulationException failure = await FailAsync(async network =>
        {
            network.AddHost("server").Run(_ => throw new InvalidOperationException("a bug"));
            await network.Time.Delay(TimeSpan.FromSeconds(1));
        });

        Assert.That(failure.InnerException, Is.TypeOf<SimulationProgramException>());
        Assert.That(failure.Message, Does.Contain("'server'").And.Contain("a bug"));
    }

    [Test]
    public async Task A_test_begins_with_no_further_seed_after_its_duration()
    {
        int runs = 0;
        var thread = new Scheduling.SimulationThread(
            _ =>
            {
                runs++;
                return Task.CompletedTask;
            },
            s_once,
            firstSeed: 1,
            count: int.MaxValue,
            TimeSpan.FromMilliseconds(10));
        await thread.RunAsync();

        Assert.That(runs, Is.GreaterThan(0));
    }

    private static Task<SimulationException> FailAsync(Func<SimulatedNetwork, Task> test) =>
        Failure.OfAsync<SimulationException>(() => Simulation.RunAsync(1, test, s_once));

    private static async Task BusyAsync(SimulatedNetwork network)
    {
        network.AddHost("server").Run(Programs.EchoAsync);
        SimulatedHost client = network.AddHost("client");
        network.Link("client", "server").Loss = 0.05;
        await Task.WhenAll(Enumerable.Range(0, 5).Select(number => client.RunAsync(async selector =>
        {
            await using StreamSocket socket = await selector.Tcp().ConnectAsync("server", Programs.Port);
            Connection connection = socket.OpenConnection();
            await connection.Output.WriteLineAsync($"hello {number}");
            Assert.That(await connection.Input.ReadLineAsync(), Is.EqualTo($"hello {number}"));
        })));
    }
}
