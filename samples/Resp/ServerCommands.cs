namespace Resp;

internal static class ServerCommands
{
    private static int s_clients;

    public static void AddTo(Action<string, int, Action<Session, Command, Reply>> add)
    {
        add("PING", -1, Ping);
        add("ECHO", 2, (_, command, reply) => reply.Bytes(command[1]));
        add("HELLO", -1, Hello);
        add("SELECT", 2, Select);
        add("CLIENT", -2, Client);
        add("CONFIG", -2, Config);
        add("COMMAND", -1, (_, _, reply) => reply.Array(0));
        add("INFO", -1, (session, _, reply) => reply.Text(
            $"# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\n# Replication\r\nrole:master\r\n# Keyspace\r\ndb0:keys={session.Database.Entries.Count}\r\n"));
        add("DBSIZE", 1, (session, _, reply) => reply.Number(session.Database.Entries.Count));
        add("FLUSHDB", -1, Flush);
        add("FLUSHALL", -1, Flush);
        add("QUIT", -1, (session, _, reply) =>
        {
            reply.Ok();
            session.Quit();
        });
    }

    private static void Ping(Session session, Command command, Reply reply)
    {
        if (session.Subscriptions.Count > 0 && reply.Version == 2)
        {
            reply.Array(2);
            reply.Bytes("pong"u8);
            reply.Bytes(command.Count > 1 ? command[1] : default);
        }
        else if (command.Count > 1)
        {
            reply.Bytes(command[1]);
        }
        else
        {
            reply.Simple("PONG");
        }
    }

    private static void Hello(Session session, Command command, Reply reply)
    {
        if (command.Count > 1)
        {
            long version = command.Number(1);
            reply.Version = version is 2 or 3 ? (int)version : throw new RespException("NOPROTO unsupported protocol version");
        }

        reply.Map(4);
        reply.Text("server");
        reply.Text("redis");
        reply.Text("version");
        reply.Text("7.0.0");
        reply.Text("proto");
        reply.Number(reply.Version);
        reply.Text("mode");
        reply.Text("standalone");
    }

    private static void Select(Session session, Command command, Reply reply)
    {
        if (command.Number(1) != 0)
        {
            throw new RespException("ERR DB index is out of range");
        }

        reply.Ok();
    }

    private static void Client(Session session, Command command, Reply reply)
    {
        if (command.Is(1, "ID"))
        {
            reply.Number(session.Id ??= Interlocked.Increment(ref s_clients));
        }
        else
        {
            reply.Ok();
        }
    }

    private static void Config(Session session, Command command, Reply reply)
    {
        if (command.Is(1, "GET"))
        {
            reply.Map(0);
        }
        else
        {
            throw new RespException("ERR there is no configuration");
        }
    }

    private static void Flush(Session session, Command command, Reply reply)
    {
        session.Database.Clear();
        reply.Ok();
    }
}
