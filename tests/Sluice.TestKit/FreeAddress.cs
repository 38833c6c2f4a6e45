using System.Net;
using System.Net.Sockets;

namespace Sluice.TestKit;

/// <summary>Where a program can listen that does not tell which port it was given.</summary>
internal static class FreeAddress
{
    /// <summary>
    /// A loopback address and a port with no listener. The address is drawn at random, so that no other socket takes the port before the program
    /// does. Skips the test where loopback is one address only.
    /// </summary>
    public static IPEndPoint Take()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Here 127.0.0.1 is the only loopback address.");
        }

        var address = new IPAddress([127, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(1, 255)]);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>Waits until a listener is there.</summary>
    public static async Task ListenedAtAsync(IPEndPoint endPoint)
    {
        long started = Environment.TickCount64;
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(endPoint);
                return;
            }
            catch (SocketException) when (Environment.TickCount64 - started < Waiting.Patience.TotalMilliseconds)
            {
                await Task.Delay(5);
            }
        }
    }
}
