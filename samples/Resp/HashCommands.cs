namespace Resp;

internal static class HashCommands
{
    public static void AddTo(Action<string, int, Action<Session, Command, Reply>> add)
    {
        add("HSET", -4, Set);
        add("HMSET", -4, Set);
        add("HGET", 3, (session, command, reply) => reply.Bytes(Get(session.Database.Get<Fields>(command[1]), command[2])));
        add("HMGET", -3, GetMany);
        add("HGETALL", 2, GetAll);
        add("HDEL", -3, Remove);
        add("HLEN", 2, (session, command, reply) => reply.Number(session.Database.Get<Fields>(command[1])?.Count ?? 0));
        add("HEXISTS", 3, (session, command, reply) => reply.Boolean(Get(session.Database.Get<Fields>(command[1]), command[2]) is not null));
        add("HINCRBY", 4, Add);
    }

    private static byte[]? Get(Fields? fields, ReadOnlySpan<byte> name) =>
        fields is not null && fields.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out byte[]? value) ? value : null;

    private static void Set(Session session, Command command, Reply reply)
    {
        if (command.Count % 2 != 0)
        {
            throw new RespException("ERR wrong number of arguments for 'hset' command");
        }

        Fields fields = session.Database.GetOrAdd<Fields>(command[1]);
        int before = fields.Count;
        for (int i = 2; i < command.Count; i += 2)
        {
            fields.GetAlternateLookup<ReadOnlySpan<byte>>()[command[i]] = command[i + 1].ToArray();
        }

        if (command.Is(0, "HSET"))
        {
            reply.Number(fields.Count - before);
        }
        else
        {
            reply.Ok();
        }
    }

    private static void GetMany(Session session, Command command, Reply reply)
    {
        Fields? fields = session.Database.Get<Fields>(command[1]);
        reply.Array(command.Count - 2);
        for (int i = 2; i < command.Count; i++)
        {
            reply.Bytes(Get(fields, command[i]));
        }
    }

    private static void GetAll(Session session, Command command, Reply reply)
    {
        Fields? fields = session.Database.Get<Fields>(command[1]);
        reply.Map(fields?.Count ?? 0);
        foreach ((byte[] name, byte[] value) in fields ?? [])
        {
            reply.Bytes(name);
            reply.Bytes(value);
        }
    }

    private static void Remove(Session session, Command command, Reply reply)
    {
        Fields? fields = session.Database.Get<Fields>(command[1]);
        int count = 0;
        for (int i = 2; i < command.Count && fields is not null; i++)
        {
            count += fields.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(command[i]) ? 1 : 0;
        }

        if (fields is { Count: 0 })
        {
            session.Database.Remove(command[1]);
        }

        reply.Number(count);
    }

    private static void Add(Session session, Command command, Reply reply)
    {
        Fields? fields = session.Database.Get<Fields>(command[1]);
        long sum = StringCommands.Sum(Get(fields, command[2]), command.Number(3));
        fields ??= session.Database.GetOrAdd<Fields>(command[1]);
        fields.GetAlternateLookup<ReadOnlySpan<byte>>()[command[2]] = StringCommands.Format(sum, stackalloc byte[20]).ToArray();
        reply.Number(sum);
    }
}
