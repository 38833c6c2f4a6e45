using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Relay;

/// <summary>The targets of a relay, in the order in which a connection tries them.</summary>
/// <param name="addresses">Where the targets are.</param>
/// <param name="balance">Which one gets a connection.</param>
/// <param name="retryAfter">After what time a target that is down is tried again.</param>
/// <param name="clock">The clock.</param>
/// <param name="earlier">The list that this one replaces: its targets keep their connections and their state.</param>
internal sealed class TargetList(IEnumerable<Address> addresses, Balance balance, TimeSpan retryAfter, TimeProvider clock, TargetList? earlier = null)
{
    private readonly Target[] _targets = [.. addresses.Select(address => earlier?._targets.FirstOrDefault(target => target.Address == address) ?? new Target(address))];
    private uint _next;

    public IReadOnlyList<Target> All => _targets;

    /// <summary>
    /// Gets the targets to try for one connection, the best one first. Those that are down come last, unless it is time to try them again.
    /// </summary>
    public IEnumerable<Target> InOrder()
    {
        long now = clock.GetTimestamp();
        int first = balance == Balance.RoundRobin ? (int)((Interlocked.Increment(ref _next) - 1) % (uint)_targets.Length) : 0;
        IEnumerable<Target> turned = [.. _targets[first..], .. _targets[..first]];
        IOrderedEnumerable<Target> up = turned.OrderBy(target => target.IsUp || clock.GetElapsedTime(target.DownSince, now) >= retryAfter ? 0 : 1);
        return balance == Balance.Least ? up.ThenBy(target => target.Connections) : up;
    }
}
