using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Sluice.Bench.Contenders;

/// <summary>Broadcasts through a <see cref="Channel{T}"/> and a task for each connection, which sends what it reads from it.</summary>
internal static class SocketsBroadcast
{
    // As many messages as the outboxes of Sluice hold.
    private const int Capacity = 1024 * 1024 / (SluiceBroadcast.Size + 16);

    private static readonly ConcurrentDictionary<Socket, Channel<byte[]>> s_members = new();

    public static async Task ServeAsync(Socket socket)
    {
        var channel = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
        channel.Writer.TryWrite("+"u8.ToArray());
        s_members[socket] = channel;
        Task pumping = PumpAsync(socket, channel.Reader);
        try
        {
            byte[] command = new byte[sizeof(int)];
            int number = 0;
            while (await ReadAsync(socket, command))
            {
                for (int left = BinaryPrimitives.ReadInt32BigEndian(command); left > 0; left--)
                {
                    byte[] message = new byte[SluiceBroadcast.Size];
                    BinaryPrimitives.WriteInt32BigEndian(message, number++);
                    foreach ((_, Channel<byte[]> member) in s_members)
                    {
                        member.Writer.TryWrite(message);
                    }
                }
            }
        }
        finally
        {
            s_members.TryRemove(socket, out _);
            channel.Writer.Complete();
        }

        await pumping;
    }

    private static async Task PumpAsync(Socket socket, ChannelReader<byte[]> messages)
    {
        try
        {
            await foreach (byte[] message in messages.ReadAllAsync())
            {
                await socket.SendAsync(message);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The load has disconnected.
        }
    }

    private static async Task<bool> ReadAsync(Socket socket, Memory<byte> command)
    {
        int got = 0;
        while (got < command.Length)
        {
            int count = await socket.ReceiveAsync(command[got..]);
            if (count == 0)
            {
                return false;
            }

            got += count;
        }

        return true;
    }
}
