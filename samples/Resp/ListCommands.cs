namespace Resp;

internal static class ListCommands
{
    public static void AddTo(Action<string, int, Action<Session, Command, Reply>> add)
    {
        add("LPUSH", -3, (session, command, reply) => Push(session, command, reply, static (list, value) => list.AddFirst(value)));
        add("RPUSH", -3, (session, command, reply) => Push(session, command, reply, static (list, value) => list.AddLast(value)));
        add("LPOP", -2, (session, command, reply) => Pop(session, command, reply, static list => list.First!));
        add("RPOP", -2, (session, command, reply) => Pop(session, command, reply, static list => list.Last!));
        add("LLEN", 2, (session, command, reply) => reply.Number(session.Database.Get<LinkedList<byte[]>>(command[1])?.Count ?? 0));
        add("LINDEX", 3, Index);
        add("LRANGE", 4, Range);
    }

    private static void Push(Session session, Command command, Reply reply, Action<LinkedList<byte[]>, byte[]> add)
    {
        LinkedList<byte[]> list = session.Database.GetOrAdd<LinkedList<byte[]>>(command[1]);
        for (int i = 2; i < command.Count; i++)
        {
            add(list, command[i].ToArray());
        }

        reply.Number(list.Count);
    }

    private static void Pop(Session session, Command command, Reply reply, Func<LinkedList<byte[]>, LinkedListNode<byte[]>> next)
    {
        LinkedList<byte[]>? list = session.Database.Get<LinkedList<byte[]>>(command[1]);
        long wanted = command.Count > 2 ? command.Number(2) : 1;
        if (command.Count > 3 || wanted < 0)
        {
            throw RespException.Syntax;
        }

        if (list is null)
        {
            reply.Null();
            return;
        }

        int count = (int)Math.Min(wanted, list.Count);
        if (command.Count > 2)
        {
            reply.Array(count);
        }

        for (; count > 0; count--)
        {
            LinkedListNode<byte[]> node = next(list);
            reply.Bytes(node.Value);
            list.Remove(node);
        }

        if (list.Count == 0)
        {
            session.Database.Remove(command[1]);
        }
    }

    private static void Index(Session session, Command command, Reply reply)
    {
        LinkedList<byte[]>? list = session.Database.Get<LinkedList<byte[]>>(command[1]);
        long index = command.Number(2);
        index += index < 0 ? list?.Count ?? 0 : 0;
        reply.Bytes(list is not null && index >= 0 && index < list.Count ? list.ElementAt((int)index) : null);
    }

    private static void Range(Session session, Command command, Reply reply)
    {
        LinkedList<byte[]>? list = session.Database.Get<LinkedList<byte[]>>(command[1]);
        int length = list?.Count ?? 0;
        long first = command.Number(2);
        long last = command.Number(3);
        first = Math.Max(first < 0 ? first + length : first, 0);
        last = Math.Min(last < 0 ? last + length : last, length - 1);
        int count = (int)Math.Max(last - first + 1, 0);
        reply.Array(count);
        if (count > 0)
        {
            foreach (byte[] value in list!.Skip((int)first).Take(count))
            {
                reply.Bytes(value);
            }
        }
    }
}
