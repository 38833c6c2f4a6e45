namespace Sluice.Testing.Scheduling;

/// <summary>Leaves out the faults that a failure does not need.</summary>
internal sealed class Shrinker(Func<IReadOnlySet<int>, SimulationException?> run)
{
    // Enough for dozens of faults.
    private const int MaxRuns = 200;

    private readonly HashSet<int> _leftOut = [];
    private int _runs;

    /// <summary>Gets the failure with the fewest faults that was found.</summary>
    /// <param name="failure">The failure with all of them.</param>
    /// <param name="faults">The number of faults.</param>
    public SimulationException Shrink(SimulationException failure, int faults)
    {
        // First a half at a time, then a quarter, down to single faults.
        for (int size = Math.Max(faults / 2, 1); size >= 1; size /= 2)
        {
            for (int first = 0; first < faults; first += size)
            {
                failure = TryWithout(Enumerable.Range(first, Math.Min(size, faults - first)), failure);
            }
        }

        failure.SetFaults(faults - _leftOut.Count, faults);
        return failure;
    }

    // Another failure than the first is one as well.
    private SimulationException TryWithout(IEnumerable<int> faults, SimulationException failure)
    {
        int[] added = [.. faults.Where(_leftOut.Add)];
        if (added.Length == 0 || ++_runs > MaxRuns || run(_leftOut) is not { } smaller)
        {
            _leftOut.ExceptWith(added);
            return failure;
        }

        return smaller;
    }
}
