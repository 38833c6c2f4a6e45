namespace Resp;

internal static class TopicCommands
{
    public static void AddTo(Action<string, int, Action<Session, Command, Reply>> add)
    {
        add("PUBLISH", 3, (session, command, reply) => reply.Number(session.Topics.Publish(command[1], command[2])));
        add("SUBSCRIBE", -2, (session, command, reply) => Subscribe(session, command, reply, "subscribe"u8, isPattern: false));
        add("PSUBSCRIBE", -2, (session, command, reply) => Subscribe(session, command, reply, "psubscribe"u8, isPattern: true));
        add("UNSUBSCRIBE", -1, (session, command, reply) => Unsubscribe(session, command, reply, "unsubscribe"u8, isPattern: false));
        add("PUNSUBSCRIBE", -1, (session, command, reply) => Unsubscribe(session, command, reply, "punsubscribe"u8, isPattern: true));
    }

    public static bool MayRunWhileSubscribed(Command command) =>
        command.Is(0, "SUBSCRIBE") || command.Is(0, "UNSUBSCRIBE") || command.Is(0, "PSUBSCRIBE") || command.Is(0, "PUNSUBSCRIBE")
        || command.Is(0, "PING") || command.Is(0, "QUIT");

    private static void Subscribe(Session session, Command command, Reply reply, ReadOnlySpan<byte> kind, bool isPattern)
    {
        for (int i = 1; i < command.Count; i++)
        {
            byte[] name = command[i].ToArray();
            Confirm(reply, kind, name, session.Topics.Subscribe(session, name, isPattern, reply.Version));
        }
    }

    private static void Unsubscribe(Session session, Command command, Reply reply, ReadOnlySpan<byte> kind, bool isPattern)
    {
        byte[][] names = command.Count > 1
            ? [.. Enumerable.Range(1, command.Count - 1).Select(i => command[i].ToArray())]
            : [.. isPattern ? session.Subscriptions.Patterns : session.Subscriptions.Topics];
        foreach (byte[] name in names)
        {
            Confirm(reply, kind, name, session.Topics.Unsubscribe(session, name, isPattern));
        }

        if (names.Length == 0)
        {
            Confirm(reply, kind, null, session.Subscriptions.Count);
        }
    }

    private static void Confirm(Reply reply, ReadOnlySpan<byte> kind, byte[]? name, int count)
    {
        reply.Push(3);
        reply.Bytes(kind);
        reply.Bytes(name);
        reply.Number(count);
    }
}
