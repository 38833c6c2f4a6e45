using Cluster.Store;
using Orleans.Concurrency;

namespace Cluster.Grains;

// While the cluster suspects a living silo, a room can have two activations. So the room keeps nothing but its listeners: the store gives the numbers, and
// nodes that listen to the other activation find the message when they renew their lease. Reentrant, so that messages need not wait for each other.
[Reentrant]
internal sealed class RoomGrain(IMessageStore store, ISiloStatusOracle silos) : Grain, IRoomGrain
{
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(5);

    private readonly Dictionary<SiloAddress, (INode Node, long Since)> _nodes = [];

    public async Task<AppendResult> PublishAsync(string session, long id, string text)
    {
        string room = this.GetPrimaryKeyString();
        (AppendResult result, long number) = await store.AppendAsync(room, session, id, text);
        if (result == AppendResult.Stored)
        {
            var message = new Message(number, text);
            foreach ((SiloAddress silo, (INode node, long since)) in _nodes)
            {
                if (TimeProvider.System.GetElapsedTime(since) > s_lease || silos.GetApproximateSiloStatus(silo).IsTerminating())
                {
                    _nodes.Remove(silo);
                    continue;
                }

                node.DeliverAsync(room, message).Ignore();
            }
        }

        return result;
    }

    public Task<long> SubscribeAsync(INode node, SiloAddress silo)
    {
        _nodes[silo] = (node, TimeProvider.System.GetTimestamp());
        return store.GetLastNumberAsync(this.GetPrimaryKeyString());
    }
}
