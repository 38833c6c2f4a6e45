using System.Net.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary>A <see cref="NetworkStream"/>, for lines with the readers and writers of every tutorial.</summary>
internal static class StreamsEcho
{
    private const int BufferSize = 64 * 1024;

    public static Task RunAsync(EchoMode mode, Action<int> listening) =>
        SocketListener.RunAsync(listening, mode == EchoMode.Raw ? EchoBytesAsync : EchoLinesAsync);

    private static async Task EchoBytesAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket);
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = await stream.ReadAsync(buffer)) > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count));
        }
    }

    private static async Task EchoLinesAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\r\n" };
        while (await reader.ReadLineAsync() is { } line)
        {
            await writer.WriteLineAsync(line);
        }
    }
}
