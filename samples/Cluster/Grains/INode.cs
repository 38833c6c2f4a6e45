using Orleans.Concurrency;

namespace Cluster.Grains;

/// <summary>A node, which hears of all rooms that its clients are in. One observer a node, not a client: a dead node costs one failed call, not thousands.</summary>
public interface INode : IGrainObserver
{
    /// <summary>Delivers a message to the clients in the room. It may get lost: nodes ask the store by number for what they have missed.</summary>
    [OneWay]
    Task DeliverAsync(string room, Message message);

    /// <summary>Closes the connection of a session that goes on over another one.</summary>
    [OneWay]
    Task EndAsync(string session, Guid connection);
}
