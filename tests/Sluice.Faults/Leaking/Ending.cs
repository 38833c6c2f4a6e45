namespace Sluice.Faults.Leaking;

/// <summary>A way in which connections end.</summary>
/// <param name="Name">The name in the report.</param>
/// <param name="Wires">What it can go over.</param>
/// <param name="RunAsync">Makes connections, as many as <see cref="Batch"/> says, and ends them.</param>
internal sealed record Ending(string Name, IReadOnlyList<Wire> Wires, Func<LeakWorld, Wire, Random, Task> RunAsync)
{
    /// <summary>How many connections a run makes.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>How many of all connections end so, relative to the others.</summary>
    public int Weight { get; init; } = 10;
}
