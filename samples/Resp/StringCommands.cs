using System.Buffers.Text;

namespace Resp;

internal static class StringCommands
{
    public static void AddTo(Action<string, int, Action<Session, Command, Reply>> add)
    {
        add("GET", 2, (session, command, reply) => reply.Bytes(session.Database.Get<byte[]>(command[1])));
        add("SET", -3, Set);
        add("SETNX", 3, SetNew);
        add("SETEX", 4, (session, command, reply) => SetExpiring(session, command, reply, 1000));
        add("PSETEX", 4, (session, command, reply) => SetExpiring(session, command, reply, 1));
        add("GETSET", 3, (session, command, reply) =>
        {
            reply.Bytes(session.Database.Get<byte[]>(command[1]));
            session.Database.Set(command[1], command[2]);
        });
        add("GETDEL", 2, (session, command, reply) =>
        {
            reply.Bytes(session.Database.Get<byte[]>(command[1]));
            session.Database.Remove(command[1]);
        });
        add("MGET", -2, GetMany);
        add("MSET", -3, SetMany);
        add("APPEND", 3, Append);
        add("STRLEN", 2, (session, command, reply) => reply.Number(session.Database.Get<byte[]>(command[1])?.Length ?? 0));
        add("INCR", 2, (session, command, reply) => Add(session, command, reply, 1));
        add("DECR", 2, (session, command, reply) => Add(session, command, reply, -1));
        add("INCRBY", 3, (session, command, reply) => Add(session, command, reply, command.Number(2)));
        add("DECRBY", 3, (session, command, reply) => Add(session, command, reply, Negate(command.Number(2))));
    }

    /// <summary>Adds to a number, which is kept as text.</summary>
    public static long Sum(ReadOnlySpan<byte> text, long change)
    {
        if (!Command.TryParse(text.IsEmpty ? "0"u8 : text, out long number))
        {
            throw new RespException("ERR value is not an integer or out of range");
        }

        long sum = unchecked(number + change);
        return ((number ^ sum) & (change ^ sum)) < 0 ? throw new RespException("ERR increment or decrement would overflow") : sum;
    }

    public static ReadOnlySpan<byte> Format(long number, Span<byte> room) =>
        Utf8Formatter.TryFormat(number, room, out int length) ? room[..length] : default;

    private static long Negate(long number) => number == long.MinValue ? throw new RespException("ERR decrement would overflow") : -number;

    private static void Set(Session session, Command command, Reply reply)
    {
        bool ifNew = false;
        bool ifThere = false;
        bool keepsTime = false;
        bool returnsOld = false;
        long? time = null;
        for (int i = 3; i < command.Count; i++)
        {
            if (command.Is(i, "NX"))
            {
                ifNew = true;
            }
            else if (command.Is(i, "XX"))
            {
                ifThere = true;
            }
            else if (command.Is(i, "KEEPTTL"))
            {
                keepsTime = true;
            }
            else if (command.Is(i, "GET"))
            {
                returnsOld = true;
            }
            else if ((command.Is(i, "EX") || command.Is(i, "PX")) && i + 1 < command.Count && time is null)
            {
                time = Positive(KeyCommands.Milliseconds(command, i + 1, command.Is(i, "EX") ? 1000 : 1));
                i++;
            }
            else
            {
                throw RespException.Syntax;
            }
        }

        if ((ifNew && ifThere) || (keepsTime && time is not null))
        {
            throw RespException.Syntax;
        }

        Entry? entry = session.Database.Find(command[1]);
        bool sets = ifNew ? entry is null : !ifThere || entry is not null;
        if (returnsOld)
        {
            reply.Bytes(session.Database.Get<byte[]>(command[1]));
        }

        long expiresAt = keepsTime && entry is not null ? entry.ExpiresAt : time is { } milliseconds ? session.Database.Now + milliseconds : Entry.Never;
        if (sets)
        {
            session.Database.Set(command[1], command[2]);
            if (expiresAt != Entry.Never)
            {
                session.Database.Expire(command[1], session.Database.Find(command[1])!, expiresAt);
            }
        }

        if (!returnsOld && sets)
        {
            reply.Ok();
        }
        else if (!returnsOld)
        {
            reply.Null();
        }
    }

    private static void SetNew(Session session, Command command, Reply reply)
    {
        bool isNew = session.Database.Find(command[1]) is null;
        if (isNew)
        {
            session.Database.Set(command[1], command[2]);
        }

        reply.Boolean(isNew);
    }

    private static void SetExpiring(Session session, Command command, Reply reply, long unit)
    {
        long time = Positive(KeyCommands.Milliseconds(command, 2, unit));
        session.Database.Set(command[1], command[3]);
        session.Database.Expire(command[1], session.Database.Find(command[1])!, session.Database.Now + time);
        reply.Ok();
    }

    private static long Positive(long time) => time > 0 ? time : throw new RespException("ERR invalid expire time");

    private static void GetMany(Session session, Command command, Reply reply)
    {
        reply.Array(command.Count - 1);
        for (int i = 1; i < command.Count; i++)
        {
            reply.Bytes(session.Database.Find(command[i])?.Value as byte[]);
        }
    }

    private static void SetMany(Session session, Command command, Reply reply)
    {
        if (command.Count % 2 == 0)
        {
            throw new RespException("ERR wrong number of arguments for 'mset' command");
        }

        for (int i = 1; i < command.Count; i += 2)
        {
            session.Database.Set(command[i], command[i + 1]);
        }

        reply.Ok();
    }

    private static void Append(Session session, Command command, Reply reply)
    {
        byte[] value = [.. session.Database.Get<byte[]>(command[1]) ?? [], .. command[2]];
        Replace(session.Database, command[1], value);
        reply.Number(value.Length);
    }

    private static void Add(Session session, Command command, Reply reply, long change)
    {
        long sum = Sum(session.Database.Get<byte[]>(command[1]), change);
        Replace(session.Database, command[1], Format(sum, stackalloc byte[20]));
        reply.Number(sum);
    }

    // Keeps the time at which the key expires.
    private static void Replace(Database database, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        long expiresAt = database.Find(key)?.ExpiresAt ?? Entry.Never;
        database.Set(key, value);
        database.Find(key)!.ExpiresAt = expiresAt;
    }
}
