using Sluice;

namespace Resp;

/// <summary>The topics and the patterns, each with the connections that have subscribed to it: a group for each version of the protocol.</summary>
internal sealed class Topics
{
    private readonly Lock _lock = new();
    private readonly Dictionary<byte[], ConnectionGroup[]> _topics = new(BytesComparer.Ordinal);
    private readonly Dictionary<byte[], ConnectionGroup[]> _patterns = new(BytesComparer.Ordinal);

    public int Subscribe(Session session, byte[] name, bool isPattern, int version)
    {
        lock (_lock)
        {
            if (Of(session, isPattern).Add(name))
            {
                session.Subscriptions.WereUsed = true;
                Dictionary<byte[], ConnectionGroup[]> all = Of(isPattern);
                if (!all.TryGetValue(name, out ConnectionGroup[]? groups))
                {
                    all.Add(name, groups = [new ConnectionGroup(), new ConnectionGroup()]);
                }

                groups[version - 2].Add(session.Connection);
            }

            return session.Subscriptions.Count;
        }
    }

    public int Unsubscribe(Session session, byte[] name, bool isPattern)
    {
        lock (_lock)
        {
            if (Of(session, isPattern).Remove(name) && Of(isPattern).TryGetValue(name, out ConnectionGroup[]? groups))
            {
                Array.ForEach(groups, group => group.Remove(session.Connection));
                if (groups.All(group => group.Count == 0))
                {
                    Of(isPattern).Remove(name);
                }
            }

            return session.Subscriptions.Count;
        }
    }

    public void Leave(Session session)
    {
        foreach (bool isPattern in (bool[])[false, true])
        {
            foreach (byte[] name in Of(session, isPattern).ToArray())
            {
                Unsubscribe(session, name, isPattern);
            }
        }
    }

    /// <summary>Sends a message to all that have subscribed, and returns their number.</summary>
    public int Publish(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> message)
    {
        lock (_lock)
        {
            int count = 0;
            if (_topics.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(topic, out ConnectionGroup[]? groups))
            {
                count += Broadcast(groups, null, topic, message);
            }

            foreach ((byte[] pattern, ConnectionGroup[] followers) in _patterns)
            {
                if (Glob.IsMatch(pattern, topic))
                {
                    count += Broadcast(followers, pattern, topic, message);
                }
            }

            return count;
        }
    }

    private static int Broadcast(ConnectionGroup[] groups, byte[]? pattern, ReadOnlySpan<byte> topic, ReadOnlySpan<byte> message)
    {
        int count = 0;
        for (int version = 2; version <= 3; version++)
        {
            ConnectionGroup group = groups[version - 2];
            if (group.Count > 0)
            {
                var push = new Reply { Version = version };
                push.Push(pattern is null ? 3 : 4);
                push.Bytes(pattern is null ? "message"u8 : "pmessage"u8);
                if (pattern is not null)
                {
                    push.Bytes(pattern);
                }

                push.Bytes(topic);
                push.Bytes(message);
                count += group.Broadcast(push.Written.Span);
            }
        }

        return count;
    }

    private static HashSet<byte[]> Of(Session session, bool isPattern) => isPattern ? session.Subscriptions.Patterns : session.Subscriptions.Topics;

    private Dictionary<byte[], ConnectionGroup[]> Of(bool isPattern) => isPattern ? _patterns : _topics;
}
