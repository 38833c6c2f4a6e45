using Cluster.Store;

namespace Cluster.Grains;

/// <summary>A room: numbers its messages, through the store, and tells the nodes.</summary>
public interface IRoomGrain : IGrainWithStringKey
{
    /// <summary>Completes when the store has the message. Safe to call again, with the same id, when the result is unknown.</summary>
    Task<AppendResult> PublishAsync(string session, long id, string text);

    /// <summary>Tells a node of new messages, for a few seconds from now.</summary>
    /// <returns>The number of the last message.</returns>
    Task<long> SubscribeAsync(INode node, SiloAddress silo);
}
