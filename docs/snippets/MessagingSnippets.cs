namespace Sluice.Snippets;

internal static class MessagingSnippets
{
    // <chat>
    private static readonly ConnectionGroup s_room = new();

    public static async Task ChatAsync(Connection connection, CancellationToken token)
    {
        s_room.Add(connection);                                         // it leaves by itself when it closes
        while (await connection.Input.ReadLineAsync(connection.Stopping) is { } line)
        {
            s_room.BroadcastLine($"{connection.RemoteEndPoint}: {line}", except: connection);
        }
    }
    // </chat>

    public static async Task PostAsync(Connection connection, string name, byte[] bytes, Frame frame, CancellationToken token)
    {
        // <outbox-post>
        Outbox outbox = connection.Outbox;
        outbox.PostLine($"hello {name}");                               // from any thread; never waits
        outbox.Post(bytes);                                             // false: dropped, because the outbox is full or closed
        outbox.Post(s_encoder, frame);
        outbox.PostLatest("EUR/USD", $"EUR/USD {1.0842}\r\n");          // replaces the one that still waits
        await outbox.PostAsync(bytes, token);                           // waits for room: as fast as the peer reads
        // </outbox-post>
    }

    public static void Group(ConnectionGroup room, ConnectionGroup lobby, OutgoingMessage news, Func<Connection, bool> isAdmin)
    {
        // <group>
        var everywhere = new ConnectionGroup();
        everywhere.Add(room);                                           // groups of groups
        everywhere.Add(lobby);
        int reached = everywhere.BroadcastLine("The server restarts in a minute.");
        everywhere.Broadcast(news);                                     // encoded before, shared by all
        everywhere.BroadcastLine("disk full", where: isAdmin);
        // </group>
    }

    public static ServeOptions Options(Action<Connection, int> log)
    {
        // <outbox-options>
        var options = new ServeOptions
        {
            Outbox = new OutboxOptions
            {
                Capacity = 256 * 1024,                                  // bytes a connection
                FullMode = OutboxFullMode.Disconnect,
                OnDropped = (connection, count) => log(connection, count),
            },
        };
        // </outbox-options>
        return options;
    }

    private static readonly IFrameEncoder<Frame> s_encoder = new FrameToBytes();

    public sealed record Frame(string Text);

    private sealed class FrameToBytes : IFrameEncoder<Frame>
    {
        public void Encode(Frame frame, System.Buffers.IBufferWriter<byte> output)
        {
        }
    }
}
