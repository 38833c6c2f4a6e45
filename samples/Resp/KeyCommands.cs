namespace Resp;

internal static class KeyCommands
{
    public static void AddTo(Action<string, int, Action<Session, Command, Reply>> add)
    {
        add("DEL", -2, (session, command, reply) => reply.Number(Count(command, i => session.Database.Find(command[i]) is not null && session.Database.Remove(command[i]))));
        add("UNLINK", -2, (session, command, reply) => reply.Number(Count(command, i => session.Database.Find(command[i]) is not null && session.Database.Remove(command[i]))));
        add("EXISTS", -2, (session, command, reply) => reply.Number(Count(command, i => session.Database.Find(command[i]) is not null)));
        add("TYPE", 2, (session, command, reply) => reply.Simple(TypeOf(session.Database.Find(command[1])?.Value)));
        add("KEYS", 2, (session, command, reply) => Keys(session, command[1].ToArray(), reply));
        add("SCAN", -2, Scan);
        add("EXPIRE", 3, (session, command, reply) => Expire(session, command, reply, Milliseconds(command, 2, 1000)));
        add("PEXPIRE", 3, (session, command, reply) => Expire(session, command, reply, Milliseconds(command, 2, 1)));
        add("PERSIST", 2, Persist);
        add("TTL", 2, (session, command, reply) => Left(session, command, reply, 1000));
        add("PTTL", 2, (session, command, reply) => Left(session, command, reply, 1));
    }

    /// <summary>Reads a duration, in a unit of so many milliseconds.</summary>
    public static long Milliseconds(Command command, int index, long unit)
    {
        const long most = 10_000L * 365 * 24 * 3600 * 1000;
        long number = command.Number(index);
        return Math.Abs((double)number * unit) <= most ? number * unit : throw new RespException("ERR invalid expire time");
    }

    private static int Count(Command command, Func<int, bool> counts) => Enumerable.Range(1, command.Count - 1).Count(counts);

    private static string TypeOf(object? value) => value switch
    {
        null => "none",
        byte[] => "string",
        LinkedList<byte[]> => "list",
        _ => "hash",
    };

    // All keys at once, after which the cursor is at its end.
    private static void Scan(Session session, Command command, Reply reply)
    {
        byte[] pattern = [(byte)'*'];
        for (int i = 2; i + 1 < command.Count; i += 2)
        {
            pattern = command.Is(i, "MATCH") ? command[i + 1].ToArray() : command.Is(i, "COUNT") ? pattern : throw RespException.Syntax;
        }

        reply.Array(2);
        reply.Text("0");
        Keys(session, pattern, reply);
    }

    private static void Keys(Session session, byte[] pattern, Reply reply)
    {
        long now = session.Database.Now;
        byte[][] keys = [.. session.Database.Entries.Where(pair => pair.Value.ExpiresAt > now && Glob.IsMatch(pattern, pair.Key)).Select(pair => pair.Key)];
        reply.Array(keys.Length);
        Array.ForEach(keys, reply.Bytes);
    }

    private static void Expire(Session session, Command command, Reply reply, long milliseconds)
    {
        Entry? entry = session.Database.Find(command[1]);
        if (entry is not null && milliseconds <= 0)
        {
            session.Database.Remove(command[1]);
        }
        else if (entry is not null)
        {
            session.Database.Expire(command[1], entry, session.Database.Now + milliseconds);
        }

        reply.Boolean(entry is not null);
    }

    private static void Persist(Session session, Command command, Reply reply)
    {
        Entry? entry = session.Database.Find(command[1]);
        bool expires = entry is not null && entry.ExpiresAt != Entry.Never;
        if (expires)
        {
            entry!.ExpiresAt = Entry.Never;
        }

        reply.Boolean(expires);
    }

    private static void Left(Session session, Command command, Reply reply, long unit) => reply.Number(session.Database.Find(command[1]) switch
    {
        null => -2,
        { ExpiresAt: Entry.Never } => -1,
        { ExpiresAt: var at } => (at - session.Database.Now + unit - 1) / unit,
    });
}
