using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Sluice.Bench.Contenders;

/// <summary>
/// Computes for a given processor time. The number of steps is calibrated beforehand: if the loop read the clock, a thread that waits for a processor
/// would compute less. The benchmark calibrates once for all servers: two calibrations differ by up to a tenth.
/// </summary>
internal sealed class Computation
{
    /// <summary>The environment variable that tells a server the number of steps.</summary>
    public const string StepsVariable = "SLUICE_BENCH_STEPS";

    private const int Trials = 1000;
    private const int TrialSteps = 10_000;

    private static readonly Lazy<TimeSpan> s_trial = new(() => Enumerable.Range(0, Trials).Min(_ => Measure()));

    private readonly int _steps;

    public Computation(TimeSpan time) =>
        _steps = int.TryParse(Environment.GetEnvironmentVariable(StepsVariable), out int told) ? told : StepsOf(time);

    /// <summary>How many steps take a time. The minimum of many runs counts: other work on the machine only ever makes a run slower.</summary>
    public static int StepsOf(TimeSpan time) => (int)(TrialSteps * (time / s_trial.Value));

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
