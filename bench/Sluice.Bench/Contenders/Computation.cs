using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Sluice.Bench.Contenders;

/// <summary>
/// A loop that takes a processor so long. It is measured out beforehand: if it looked at the clock, a thread that has to wait for a processor
/// would have less to do.
/// </summary>
internal sealed class Computation
{
    private const int Trials = 1000;
    private const int TrialSteps = 10_000;

    private readonly int _steps;

    public Computation(TimeSpan time)
    {
        // The shortest of many: much may hold it up, and nothing speeds it up.
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

    // Each step waits for the one before, so that no compiler and no processor can shorten it.
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
