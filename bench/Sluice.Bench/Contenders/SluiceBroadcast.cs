using System.Buffers.Binary;

namespace Sluice.Bench.Contenders;

/// <summary>Broadcasts to all connections, through their outboxes. A connection asks for a number of broadcasts.</summary>
internal static class SluiceBroadcast
{
    // Shared with the other contenders.
    public const int Size = 64;

    public static Func<Connection, CancellationToken, Task> CreateHandler()
    {
        var group = new ConnectionGroup();
        return async (connection, cancellationToken) =>
        {
            group.Add(connection);
            connection.Outbox.Post("+"u8);
            byte[] message = new byte[Size];
            int number = 0;
            while (!await connection.Input.IsExhaustedAsync(cancellationToken))
            {
                for (int left = await connection.Input.ReadInt32Async(cancellationToken); left > 0; left--)
                {
                    BinaryPrimitives.WriteInt32BigEndian(message, number++);
                    group.Broadcast(message);
                }
            }
        };
    }
}
