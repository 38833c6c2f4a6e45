using System.Net;
using System.Net.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary>A plain <c>ReceiveAsync</c>/<c>SendAsync</c> echo, as most would write it.</summary>
internal static class SocketsEcho
{
    public static async Task RunAsync(Action<int> listening)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(511);
        listening(((IPEndPoint)listener.LocalEndPoint!).Port);
        while (true)
        {
            _ = EchoAsync(await listener.AcceptAsync());
        }
    }

    private static async Task EchoAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            byte[] buffer = new byte[64 * 1024];
            try
            {
                int count;
                while ((count = await socket.ReceiveAsync(buffer)) > 0)
                {
                    await socket.SendAsync(buffer.AsMemory(0, count));
                }
            }
            catch (SocketException)
            {
                // The load has left.
            }
        }
    }
}
