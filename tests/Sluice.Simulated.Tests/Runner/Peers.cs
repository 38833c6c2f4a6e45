using System.Net;
using System.Net.Sockets;

namespace Sluice.TestKit;

/// <summary>Stands for the class of the test kit: a simulated network has no plain sockets, so that a test with one is left out.</summary>
internal static class Peers
{
    public static Task<Socket> ConnectAsync(EndPoint endPoint) => throw PlainSocket(endPoint);

    public static Task<(StreamSocket Ours, Socket Peer)> PairAsync(SelectorManager selector, Action<StreamSocketOptions>? configure = null) => throw PlainSocket(selector, configure);

    public static Task<(StreamSocket Socket, Socket Peer)> ToPlainAsync(
        SelectorManager selector, Action<StreamSocketOptions>? configure = null, Action<Socket>? peer = null) => throw PlainSocket(selector, configure, peer);

    /// <summary>A connection of which both ends are ours.</summary>
    public static async Task<(StreamSocket Client, StreamSocket Accepted)> OwnPairAsync(SelectorManager selector, Action<StreamSocketOptions>? configure = null)
    {
        TcpSocketBuilder tcp = selector.Tcp().Configure(configure ?? (_ => { }));
        await using ServerSocket server = await tcp.BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = server.AcceptAsync().AsTask();
        StreamSocket client = await tcp.ConnectAsync(server.LocalEndPoint);
        return (client, await accepting);
    }

    public static Task<long> ReadToEndAsync(this Socket socket) => throw PlainSocket(socket);

    public static Task<SocketError> EndAsync(this Socket socket) => throw PlainSocket(socket);

    public static Socket Silent() => throw PlainSocket();

    private static IgnoreException PlainSocket(params object?[] unused)
    {
        _ = unused;
        return new IgnoreException("One end is a plain socket.");
    }
}
