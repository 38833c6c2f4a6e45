using System.Net;
using System.Net.Sockets;

namespace Sluice.Bench.Contenders;

/// <summary>Accepts connections on a <see cref="Socket"/>, for contenders that start from one.</summary>
internal static class SocketListener
{
    private const int Backlog = 511;

    public static async Task RunAsync(Action<int> listening, Func<Socket, Task> serve)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(Backlog);
        listening(((IPEndPoint)listener.LocalEndPoint!).Port);
        while (true)
        {
            _ = ServeAsync(await listener.AcceptAsync(), serve);
        }
    }

    private static async Task ServeAsync(Socket socket, Func<Socket, Task> serve)
    {
        using (socket)
        {
            try
            {
                socket.NoDelay = true;
                await serve(socket);
            }
            catch (Exception exception) when (exception is SocketException or IOException)
            {
                // The load has disconnected.
            }
        }
    }
}
