using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Sluice.Bench.Contenders;

/// <summary>
/// Computes for a given processor time. The number of steps is calibrated beforehand: if the loop read the clock, a thread that waits for a processor
/// would compute less.
/// </summary>
internal sealed class Computation
{
    private const int Trials = 1000;
    private const int TrialSteps = 10_000;

    private readonly int _steps;

    public Computation(TimeSpan time)
    {
        // The minimum of many runs: other work on the machine only ever makes a run slower.
        TimeSpan trial = Enumerable.Range(0, Trials).Min(_ => Measure());
        _steps = (int)(TrialSteps * (time / trial));
    }

    public void Run() => Loop(_steps);

    private static TimeSpan Measure()
    {
        long started = Stopwatch.GetTimestamp();
        Loop(TrialSteps);
        return Stopwatch.GetElapsedTime(started);
    }

    // Each step depends on the previous one, so neither compiler nor processor can shorten the loop.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static uint Loop(int steps)
    {
        uint value = 1;
        for (int i = 0; i < steps; i++)
        {
            value = (value * 1_664_525) + 1_013_904_223;
        }

        return value;
    }
}
