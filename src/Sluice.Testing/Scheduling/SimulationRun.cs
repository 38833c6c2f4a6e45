namespace Sluice.Testing.Scheduling;

/// <summary>One run: a seed, and what it leads to. Created and run on the thread of the simulation.</summary>
internal sealed class SimulationRun
{
    private readonly SimulationLoop _loop;
    private readonly SimulatedNetwork _network;
    private readonly SeededRandom _schedule;

    public SimulationRun(ulong seed, SimulationOptions options, IReadOnlySet<int> leftOut)
    {
        Seed = seed;
        var random = new SeededRandom(seed);
        _schedule = random.Fork();
        ISchedule schedule = options.Schedule == SimulationSchedule.RareOrders ? new RareOrderSchedule(_schedule) : new RandomSchedule(_schedule);
        _loop = new SimulationLoop(schedule, options);
        if (options.JoinsThreadPool)
        {
            _loop.JoinPool();
        }

        var test = new Domain(_loop, "test", TimeSpan.Zero);
        _network = new SimulatedNetwork(_loop, test, seed, random.Fork(), options, leftOut);
    }

    public ulong Seed { get; }

    /// <summary>Gets the number of faults that were planned, with those that were left out.</summary>
    public int FaultCount => _network.Faults.Count;

    /// <summary>Gets the number of steps so far. Any thread.</summary>
    public long Steps => _loop.Steps;

    /// <summary>Gets the name of the host whose code has run last. Any thread.</summary>
    public string? CurrentName => _loop.CurrentName;

    /// <exception cref="SimulationException">The run has failed.</exception>
    public SimulationTrace Run(Func<SimulatedNetwork, Task> test)
    {
        SimulationMark.Set(_loop);
        try
        {
            Task ended = Begin(() => test(_network));
            _loop.Run(ended);
            if ((_loop.Failure ?? ended.Exception?.InnerException ?? CancellationOf(ended)) is { } failure)
            {
                throw new SimulationException(Seed, _network.Trace, failure);
            }

            _network.Trace.Mix(_schedule.State);
            _network.Trace.Mix(_network.Draws.State);
            return _network.Trace;
        }
        finally
        {
            Stop();
            SimulationMark.Set(null);
        }
    }

    private static TaskCanceledException? CancellationOf(Task ended) => ended.IsCanceled ? new TaskCanceledException(ended) : null;

    private Task Begin(Func<Task> start)
    {
        var ended = new TaskCompletionSource();
        _network.Test.Context.Post(_ => _ = RunAsync(), null);
        return ended.Task;

        async Task RunAsync()
        {
            try
            {
                await start();
                ended.SetResult();
            }
            catch (Exception exception)
            {
                ended.SetException(exception);
            }
        }
    }

    // The code of the hosts gets the end of its sockets, and its failures do not matter any more.
    private void Stop()
    {
        _loop.BeginStop();
        _network.Trace.Freeze();
        Task stopped = Begin(() => Task.WhenAll(_network.Hosts.Select(host => host.StopAsync())));
        _loop.RunAtOnce(stopped);
        foreach (SimulatedHost host in _network.Hosts)
        {
            host.Crash();
        }

        _loop.Finish();
    }
}
