using System.Net.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary>Echoes on a socket.</summary>
internal static class SocketsEcho
{
    private const int BufferSize = 64 * 1024;
    private const int MaxLine = 4 * 1024;

    public static async Task EchoBytesAsync(Socket socket, Action<int>? work)
    {
        // The overload for arrays would allocate a task.
        Memory<byte> buffer = new byte[BufferSize];
        int count;
        while ((count = await socket.ReceiveAsync(buffer)) > 0)
        {
            work?.Invoke(count);
            await SendAsync(socket, buffer[..count]);
        }
    }

    // Answers all lines of a receive with one send.
    public static async Task EchoLinesAsync(Socket socket)
    {
        byte[] buffer = new byte[MaxLine];
        byte[] answer = new byte[2 * MaxLine];
        int held = 0;
        int count;
        while ((count = await socket.ReceiveAsync(buffer.AsMemory(held))) > 0)
        {
            int filled = held + count;
            (int used, int written) = Answer(buffer.AsSpan(0, filled), answer);
            await SendAsync(socket, answer.AsMemory(0, written));
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            held = filled - used;
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    private static (int Used, int Written) Answer(ReadOnlySpan<byte> input, Span<byte> output)
    {
        int used = 0;
        int written = 0;
        int length;
        while ((length = input[used..].IndexOf((byte)'\n')) >= 0)
        {
            ReadOnlySpan<byte> line = input.Slice(used, length);
            line = line.EndsWith("\r"u8) ? line[..^1] : line;
            line.CopyTo(output[written..]);
            "\r\n"u8.CopyTo(output[(written + line.Length)..]);
            written += line.Length + 2;
            used += length + 1;
        }

        return (used, written);
    }
}
