namespace Sluice.Testing;

/// <summary>Specifies how the seed decides what runs next.</summary>
public enum SimulationSchedule
{
    /// <summary>Everything that is ready is chosen with the same probability.</summary>
    Random,
}
