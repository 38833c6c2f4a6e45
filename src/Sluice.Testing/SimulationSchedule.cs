namespace Sluice.Testing;

/// <summary>Specifies how the seed decides what runs next.</summary>
public enum SimulationSchedule
{
    /// <summary>Everything that is ready is chosen with the same probability.</summary>
    Random,

    /// <summary>
    /// One host is preferred for as long as it has something to run, and the preference changes at random steps: it finds errors for which one host has to be far
    /// ahead of another.
    /// </summary>
    RareOrders,
}
