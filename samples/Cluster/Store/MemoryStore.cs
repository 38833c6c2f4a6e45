using Cluster.Grains;

namespace Cluster.Store;

/// <summary>Keeps everything in memory, sessions for good: for one node, to try things.</summary>
internal sealed class MemoryStore : IMessageStore
{
    private const int MaxMessages = 10_000;

    // A lock guards all of it.
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Message>> _rooms = [];
    private readonly Dictionary<(string Room, string Session), long> _lastIds = [];
    private readonly Dictionary<string, string[]> _sessions = [];

    public Task<(AppendResult Result, long Number)> AppendAsync(string room, string session, long id, string text)
    {
        lock (_lock)
        {
            long last = _lastIds.GetValueOrDefault((room, session));
            if (id != last + 1)
            {
                return Task.FromResult((id <= last ? AppendResult.Known : AppendResult.Skipped, 0L));
            }

            List<Message> messages = _rooms.TryGetValue(room, out List<Message>? known) ? known : _rooms[room] = [];
            long number = messages.Count == 0 ? 1 : messages[^1].Number + 1;
            messages.Add(new Message(number, text));
            if (messages.Count > MaxMessages)
            {
                messages.RemoveRange(0, MaxMessages / 10);
            }

            _lastIds[(room, session)] = id;
            return Task.FromResult((AppendResult.Stored, number));
        }
    }

    public Task<Message[]> ReadAsync(string room, long after, int max)
    {
        lock (_lock)
        {
            return Task.FromResult<Message[]>(
                _rooms.TryGetValue(room, out List<Message>? messages) ? [.. messages.SkipWhile(message => message.Number <= after).Take(max)] : []);
        }
    }

    public Task<long> GetLastNumberAsync(string room)
    {
        lock (_lock)
        {
            return Task.FromResult(_rooms.TryGetValue(room, out List<Message>? messages) ? messages[^1].Number : 0);
        }
    }

    public Task<string[]?> GetSessionAsync(string token)
    {
        lock (_lock)
        {
            return Task.FromResult(_sessions.GetValueOrDefault(token));
        }
    }

    public Task SetSessionAsync(string token, string[] rooms)
    {
        lock (_lock)
        {
            _sessions[token] = rooms;
            return Task.CompletedTask;
        }
    }
}
