namespace Sluice.Testing.Scheduling;

/// <summary>The thread of a simulation: it runs one seed after the other, and is watched from outside.</summary>
/// <param name="test">The test.</param>
/// <param name="options">The options.</param>
/// <param name="firstSeed">The first seed.</param>
/// <param name="count">The number of seeds.</param>
/// <param name="duration">How long it begins with further seeds, in real time.</param>
internal sealed class SimulationThread(Func<SimulatedNetwork, Task> test, SimulationOptions options, ulong firstSeed, int count, TimeSpan duration)
{
    private static readonly TimeSpan s_watchInterval = TimeSpan.FromMilliseconds(500);

    private static readonly IReadOnlySet<int> s_none = new HashSet<int>();

    private readonly TaskCompletionSource<SimulationTrace> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The run in progress and when it has begun. Written by the thread, read by the watchdog.
    private SimulationRun? _run;
    private long _startedAt;

    /// <summary>Runs all seeds.</summary>
    /// <returns>The trace of the last run.</returns>
    /// <exception cref="SimulationException">A run has failed.</exception>
    public async Task<SimulationTrace> RunAsync()
    {
        var thread = new Thread(RunAll) { IsBackground = true, Name = "Sluice simulation" };
        thread.UnsafeStart();
        while (await Task.WhenAny(_ended.Task, Task.Delay(s_watchInterval)).ConfigureAwait(false) != _ended.Task)
        {
            SimulationRun? run = Volatile.Read(ref _run);
            if (run is not null && TimeProvider.System.GetElapsedTime(Volatile.Read(ref _startedAt)) > options.RealTimeLimit)
            {
                throw new SimulationException(run.Seed, trace: null, new TimeoutException(
                    $"The run has not ended within {options.RealTimeLimit} of real time, after {run.Steps} steps. The last one was of '{run.CurrentName}': it blocks the thread, or it never awaits anything."));
            }
        }

        return await _ended.Task.ConfigureAwait(false);
    }

    private void RunAll()
    {
        SimulationTrace? trace = null;
        Exception? failure = null;
        try
        {
            trace = options.JoinsThreadPool ? RunSeedsInPool() : RunSeeds();
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        // From here on the thread's work is that of the caller.
        PoolQueue.Uninstall();
        if (failure is not null)
        {
            _ended.SetException(failure);
        }
        else
        {
            _ended.SetResult(trace!);
        }
    }

    private SimulationTrace RunSeedsInPool()
    {
        PoolEvents.Open();
        try
        {
            return RunSeeds();
        }
        finally
        {
            PoolJoin.Begin(null);
            PoolEvents.Close();
        }
    }

    private SimulationTrace RunSeeds()
    {
        SimulationTrace? trace = null;
        long began = TimeProvider.System.GetTimestamp();
        for (int i = 0; i < count && (i == 0 || TimeProvider.System.GetElapsedTime(began) < duration); i++)
        {
            ulong seed = unchecked(firstSeed + (ulong)i);
            trace = RunAndShrink(seed);
            if (i == 0 && options.ChecksDeterminism && RunOne(seed, s_none) is var again && again.Hash != trace.Hash)
            {
                throw new SimulationException(seed, again, new SimulationNondeterminismException(trace, again));
            }
        }

        return trace!;
    }

    private SimulationTrace RunAndShrink(ulong seed)
    {
        try
        {
            return RunOne(seed, s_none);
        }
        catch (SimulationException failure) when (_run!.FaultCount is var faults and > 0)
        {
            throw new Shrinker(leftOut => FailureOf(seed, leftOut)).Shrink(failure, faults);
        }
    }

    private SimulationException? FailureOf(ulong seed, IReadOnlySet<int> leftOut)
    {
        try
        {
            RunOne(seed, leftOut);
            return null;
        }
        catch (SimulationException failure)
        {
            return failure;
        }
    }

    private SimulationTrace RunOne(ulong seed, IReadOnlySet<int> leftOut)
    {
        var run = new SimulationRun(seed, options, leftOut);
        Volatile.Write(ref _startedAt, TimeProvider.System.GetTimestamp());
        Volatile.Write(ref _run, run);
        return run.Run(test);
    }
}
