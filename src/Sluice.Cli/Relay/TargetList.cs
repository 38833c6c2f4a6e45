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

    // Guards the turns: connections begin on several threads.
    private readonly Lock _lock = new();
    private long _turn = earlier?._turn ?? 0;

    public IReadOnlyList<Target> All => _targets;

    /// <summary>
    /// Gets the targets to try for one connection, the best one first. Those that are down come last, unless it is time to try them again.
    /// </summary>
    public IEnumerable<Target> InOrder()
    {
        List<Target> left = [.. _targets];
        while (left.Count > 0)
        {
            Target next = TakeNext(left);
            left.Remove(next);
            yield return next;
        }
    }

    // In turn, the next target is the one that waits the longest for a connection. A target that is down then gives its share to all others, and not to its
    // neighbor in the list.
    private Target TakeNext(List<Target> left)
    {
        long now = clock.GetTimestamp();
        lock (_lock)
        {
            Target next = left.MinBy(target => (IsDown(target, now) ? 1 : 0, balance switch
            {
                Balance.RoundRobin => target.LastTurn,
                Balance.Least => target.Connections,
                _ => 0,
            }))!;
            next.LastTurn = ++_turn;
            return next;
        }
    }

    private bool IsDown(Target target, long now) => !target.IsUp && clock.GetElapsedTime(target.DownSince, now) < retryAfter;
}
