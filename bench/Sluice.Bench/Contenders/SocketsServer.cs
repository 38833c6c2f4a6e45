using System.Net.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary>A typical server with <c>ReceiveAsync</c> and <c>SendAsync</c>.</summary>
internal static class SocketsServer
{
    private const int BulkSize = 64 * 1024;

    public static Task RunAsync(ServerMode mode, Action<int> listening)
    {
        if (mode is ServerMode.DatagramEcho or ServerMode.DatagramSink)
        {
            return SocketsDatagrams.RunAsync(mode, listening);
        }

        Action<int>? work = Work.Of(mode);
        return SocketListener.RunAsync(listening, mode switch
        {
            ServerMode.Lines => SocketsEcho.EchoLinesAsync,
            ServerMode.Sink => ReceiveAsync,
            ServerMode.Source => SendAsync,
            ServerMode.Broadcast => SocketsBroadcast.ServeAsync,
            _ => socket => SocketsEcho.EchoBytesAsync(socket, work),
        });
    }

    private static async Task ReceiveAsync(Socket socket)
    {
        Memory<byte> buffer = new byte[BulkSize];
        while (await socket.ReceiveAsync(buffer) > 0)
        {
        }
    }

    private static async Task SendAsync(Socket socket)
    {
        ReadOnlyMemory<byte> bytes = new byte[BulkSize];
        while (true)
        {
            await socket.SendAsync(bytes);
        }
    }
}
