using System.Globalization;
using Sluice.Testing.Scheduling;

namespace Sluice.Testing;

/// <summary>
/// Runs a test on a simulated network. Everything of a run is on one thread, in an order that a seed decides, and in virtual time: the same seed gives the same
/// run.
/// </summary>
public static class Simulation
{
    /// <summary>The environment variable with the only seed to run: that of a run that has failed.</summary>
    public const string SeedVariable = "SLUICE_SEED";

    /// <summary>The environment variable with the number of seeds to run, in place of the number in the code: for long runs at night.</summary>
    public const string SeedCountVariable = "SLUICE_SEEDS";

    /// <summary>The environment variable with the number of seconds after which a test begins with no further seed, so that a long run ends in time.</summary>
    public const string DurationVariable = "SLUICE_SECONDS";

    /// <summary>Runs a test once for each of a number of seeds, until one fails.</summary>
    /// <param name="seeds">The number of seeds.</param>
    /// <param name="test">
    /// The test. It adds hosts to the network, runs programs on them, causes faults, and checks what has come of it. A run ends when it ends.
    /// </param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>A task that ends when all runs have ended.</returns>
    /// <exception cref="SimulationException">A run has failed. It has the seed, the trace, and the exception.</exception>
    public static async Task RunAsync(int seeds, Func<SimulatedNetwork, Task> test, SimulationOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seeds);
        ArgumentNullException.ThrowIfNull(test);
        options ??= new SimulationOptions();
        if (SeedOfEnvironment is { } seed)
        {
            await RunOnThreadAsync(test, options, seed, 1).ConfigureAwait(false);
        }
        else
        {
            await RunOnThreadAsync(test, options, options.FirstSeed, CountOfEnvironment ?? seeds).ConfigureAwait(false);
        }
    }

    /// <summary>Runs a test once.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="test">The test.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>What has happened.</returns>
    /// <exception cref="SimulationException">The run has failed.</exception>
    public static async Task<SimulationTrace> RunSeedAsync(ulong seed, Func<SimulatedNetwork, Task> test, SimulationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(test);
        return await RunOnThreadAsync(test, options ?? new SimulationOptions(), seed, 1).ConfigureAwait(false);
    }

    private static ulong? SeedOfEnvironment => NumberOf(SeedVariable, ulong.MaxValue);

    private static int? CountOfEnvironment => (int?)NumberOf(SeedCountVariable, int.MaxValue);

    private static TimeSpan DurationOfEnvironment =>
        NumberOf(DurationVariable, uint.MaxValue) is { } seconds ? TimeSpan.FromSeconds((long)seconds) : TimeSpan.MaxValue;

    private static ulong? NumberOf(string variable, ulong most) =>
        Environment.GetEnvironmentVariable(variable) is not { Length: > 0 } text ? null
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) && number <= most ? number
        : throw new ArgumentException($"The environment variable {variable} is '{text}'. It can be a number up to {most}.");

    private static Task<SimulationTrace> RunOnThreadAsync(Func<SimulatedNetwork, Task> test, SimulationOptions options, ulong first, int count) =>
        new SimulationThread(test, options, first, count, DurationOfEnvironment).RunAsync();
}
