namespace Sluice.Testing.Links;

/// <summary>The rules of a network, in the order in which they were added.</summary>
internal sealed class PacketRules(SimulatedNetwork network)
{
    private readonly List<PacketRule> _rules = [];

    public PacketRule Add(Func<SimulatedPacket, PacketVerdict> decide)
    {
        var rule = new PacketRule(this, decide);
        _rules.Add(rule);
        return rule;
    }

    public void Remove(PacketRule rule) => _rules.Remove(rule);

    /// <summary>Asks the rules in their order, until one does not accept the packet.</summary>
    /// <returns>The verdict, and the rule.</returns>
    public (PacketVerdict Verdict, PacketRule? Rule) Judge(Packet packet, SimulatedPath path)
    {
        if (_rules.Count == 0)
        {
            return default;
        }

        var seen = new SimulatedPacket(packet, path.From, path.To);
        foreach (PacketRule rule in _rules.ToArray())
        {
            if (Decide(rule, seen) is { Does: not PacketVerdict.Action.Accept } verdict)
            {
                return (verdict, rule);
            }
        }

        return default;
    }

    // The code that has sent the packet has nothing to do with the failure of a rule.
    private PacketVerdict Decide(PacketRule rule, SimulatedPacket packet)
    {
        try
        {
            return rule.Decide(packet);
        }
        catch (Exception exception)
        {
            network.Loop.FailFrom(packet.From.Name, exception);
            return default;
        }
    }
}
