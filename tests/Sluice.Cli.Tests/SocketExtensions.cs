using System.Net.Sockets;

namespace Sluice.Cli.Tests;

internal static class SocketExtensions
{
    /// <summary>Closes with a reset and nothing before it: disposing a <see cref="TcpClient"/> or its stream would say FIN first.</summary>
    public static void Reset(this Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Close();
    }
}
