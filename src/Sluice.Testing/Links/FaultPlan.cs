using System.Numerics;
using Sluice.Testing.Scheduling;

namespace Sluice.Testing.Links;

/// <summary>The faults that a run has planned. Some of them can be left out, which changes none of the others.</summary>
internal sealed class FaultPlan(SimulatedNetwork network, SeededRandom random, IReadOnlySet<int> leftOut)
{
    // From 1 ms to this, each order of magnitude with the same probability.
    private static readonly double s_longest = Math.Log(TimeSpan.FromSeconds(30) / TimeSpan.FromMilliseconds(1));

    /// <summary>Gets the number of faults, with those that are left out.</summary>
    public int Count { get; private set; }

    public void Add(int count, TimeSpan within, SimulatedFaultKinds kinds)
    {
        for (int i = 0; i < count; i++)
        {
            PlannedFault fault = Draw(within, kinds);
            if (!leftOut.Contains(Count++))
            {
                _ = RunAsync(fault);
            }
        }
    }

    private PlannedFault Draw(TimeSpan within, SimulatedFaultKinds kinds)
    {
        int one = random.Next(network.Hosts.Count);
        int other = network.Hosts.Count > 1 ? (one + 1 + random.Next(network.Hosts.Count - 1)) % network.Hosts.Count : one;
        TimeSpan lasts = TimeSpan.FromMilliseconds(1) * Math.Exp(random.NextDouble() * s_longest);
        return new PlannedFault(DrawKind(kinds), network.Hosts[one], network.Hosts[other], within * random.NextDouble(), lasts);
    }

    private SimulatedFaultKinds DrawKind(SimulatedFaultKinds kinds)
    {
        int rest = (int)kinds;
        for (int skip = random.Next(BitOperations.PopCount((uint)rest)); skip > 0; skip--)
        {
            rest &= rest - 1;
        }

        return (SimulatedFaultKinds)(rest & -rest);
    }

    private async Task RunAsync(PlannedFault fault)
    {
        await network.Time.Delay(fault.Begins);
        using IDisposable begun = fault.Begin(network);
        await network.Time.Delay(fault.Lasts);
    }
}
