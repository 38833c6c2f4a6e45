namespace Cluster.Grains;

/// <summary>A session of a client, which outlives its connections. The key is a secret token.</summary>
public interface ISessionGrain : IGrainWithStringKey
{
    /// <summary>Continues the session over a new connection, and ends the former one.</summary>
    /// <returns>The rooms of the session; null if there is no such session.</returns>
    Task<string[]?> AttachAsync(INode node, Guid connection, bool create);

    /// <summary>Remembers that the client is in a room.</summary>
    Task JoinAsync(string room);

    /// <summary>Remembers that the client is no longer in a room.</summary>
    Task LeaveAsync(string room);
}
