namespace Sluice.Testing.Links;

/// <summary>A rule, and the packets that it holds. Its disposal removes it and lets them go.</summary>
internal sealed class PacketRule(PacketRules rules, Func<SimulatedPacket, PacketVerdict> decide) : IDisposable
{
    private readonly List<Packet> _held = [];

    public PacketVerdict Decide(SimulatedPacket packet) => decide(packet);

    public void Hold(Packet packet) => _held.Add(packet);

    public void Dispose()
    {
        rules.Remove(this);
        Packet[] held = [.. _held];
        _held.Clear();
        foreach (IGrouping<SimulatedPath, Packet> onPath in held.GroupBy(packet => packet.Path!))
        {
            onPath.Key.Release([.. onPath]);
        }
    }
}
