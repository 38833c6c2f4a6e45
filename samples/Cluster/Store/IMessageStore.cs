using Cluster.Grains;

namespace Cluster.Store;

/// <summary>Keeps the messages of rooms, and sessions. Many callers may append to a room at once.</summary>
internal interface IMessageStore
{
    /// <summary>
    /// Stores a message once. In one atomic step, checks that its id follows that of the last message of this session in this room, numbers it, and
    /// stores it. The ids of a session in a room are 1, 2, 3 and so on.
    /// </summary>
    Task<(AppendResult Result, long Number)> AppendAsync(string room, string session, long id, string text);

    /// <summary>Reads up to <paramref name="max"/> messages that follow a number. Rooms forget their oldest messages.</summary>
    Task<Message[]> ReadAsync(string room, long after, int max);

    /// <summary>Gets the number of the last message; 0 if there is none.</summary>
    Task<long> GetLastNumberAsync(string room);

    /// <summary>Gets the rooms of a session; null if there is no such session.</summary>
    Task<string[]?> GetSessionAsync(string token);

    /// <summary>Creates a session, or sets its rooms.</summary>
    Task SetSessionAsync(string token, string[] rooms);
}
