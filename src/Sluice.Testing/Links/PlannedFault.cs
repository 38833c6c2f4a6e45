namespace Sluice.Testing.Links;

/// <summary>A fault that the seed has chosen.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="One">The host that it happens to.</param>
/// <param name="Other">The other side of a fault of a link.</param>
/// <param name="Begins">When it begins, from when it was planned.</param>
/// <param name="Lasts">How long it lasts.</param>
internal sealed record PlannedFault(SimulatedFaultKinds Kind, SimulatedHost One, SimulatedHost Other, TimeSpan Begins, TimeSpan Lasts)
{
    /// <summary>Begins it.</summary>
    /// <returns>Its end.</returns>
    public IDisposable Begin(SimulatedNetwork network)
    {
        switch (Kind)
        {
            case SimulatedFaultKinds.Partition:
                return network.Partition(One, Other);
            case SimulatedFaultKinds.OneWayPartition:
                return network.Path(One, Other).Partition();
            case SimulatedFaultKinds.Hold:
                return network.Hold(One, Other);
            case SimulatedFaultKinds.Pause:
                return One.Pause();
            default:
                return One.TurnOff();
        }
    }
}
