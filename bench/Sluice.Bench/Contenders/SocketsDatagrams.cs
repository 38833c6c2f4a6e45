using System.Net;
using System.Net.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary><c>ReceiveFromAsync</c> and <c>SendToAsync</c> with a <see cref="SocketAddress"/>, the overloads that do not allocate.</summary>
internal static class SocketsDatagrams
{
    public static async Task RunAsync(ServerMode mode, Action<int> listening)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening(((IPEndPoint)socket.LocalEndPoint!).Port);
        var from = new SocketAddress(AddressFamily.InterNetwork);
        Memory<byte> buffer = new byte[2048];
        long count = 0;
        while (true)
        {
            int received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, from);
            if (mode == ServerMode.DatagramEcho)
            {
                await socket.SendToAsync(buffer[..received], SocketFlags.None, from);
            }
            else if (received == 1)
            {
                BitConverter.TryWriteBytes(buffer.Span[1..], count);
                await socket.SendToAsync(buffer[..(1 + sizeof(long))], SocketFlags.None, from);
            }
            else
            {
                count++;
            }
        }
    }
}
