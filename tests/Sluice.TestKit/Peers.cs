using System.Net;
using System.Net.Sockets;

namespace Sluice.TestKit;

/// <summary>Plain sockets for the other side of a connection: what they see is what the network says.</summary>
internal static class Peers
{
    public static async Task<Socket> ConnectAsync(EndPoint endPoint, IPAddress? from = null)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null)
        {
            socket.Bind(new IPEndPoint(from, 0));
        }

        await socket.ConnectAsync(endPoint).Soon();
        return socket;
    }

    /// <summary>A connection: ours accepted, the peer's plain.</summary>
    public static async Task<(StreamSocket Ours, Socket Peer)> PairAsync(SelectorManager selector, Action<StreamSocketOptions>? configure = null)
    {
        await using ServerSocket server = await selector.Tcp().Configure(configure ?? (_ => { })).BindAsync("127.0.0.1");
        Socket peer = await ConnectAsync(server.LocalEndPoint);
        return (await server.AcceptAsync().Soon(), peer);
    }

    /// <summary>A connected socket whose peer is a plain one of the framework's; <paramref name="peer"/> sets up the listener that accepts it.</summary>
    public static async Task<(StreamSocket Socket, Socket Peer)> ToPlainAsync(
        SelectorManager selector, Action<StreamSocketOptions>? configure = null, Action<Socket>? peer = null)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer?.Invoke(listener);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task<Socket> accepting = listener.AcceptAsync();
        StreamSocket connected = await selector.Tcp().ConnectAsync(listener.LocalEndPoint!, configure).Soon();
        Socket accepted = await accepting.Soon();
        accepted.NoDelay = true;
        return (connected, accepted);
    }

    /// <summary>A connection of which both ends are ours.</summary>
    public static async Task<(StreamSocket Client, StreamSocket Accepted)> OwnPairAsync(
        SelectorManager selector, Action<StreamSocketOptions>? configure = null)
    {
        TcpSocketBuilder tcp = selector.Tcp().Configure(configure ?? (_ => { }));
        await using ServerSocket server = await tcp.BindAsync("127.0.0.1");
        Task<StreamSocket> accepting = server.AcceptAsync().Soon();
        StreamSocket client = await tcp.ConnectAsync(server.LocalEndPoint).Soon();
        return (client, await accepting);
    }

    /// <summary>Reads until the end of the stream.</summary>
    /// <exception cref="SocketException">The connection was reset first.</exception>
    public static async Task<long> ReadToEndAsync(this Socket socket)
    {
        byte[] buffer = new byte[64 * 1024];
        long total = 0;
        using var patience = new CancellationTokenSource(Waiting.Patience);
        while (await socket.ReceiveAsync(buffer, patience.Token) is > 0 and var count)
        {
            total += count;
        }

        return total;
    }

    /// <summary>How the connection ends as the peer sees it: success for a FIN.</summary>
    public static async Task<SocketError> EndAsync(this Socket socket)
    {
        try
        {
            await socket.ReadToEndAsync();
            return SocketError.Success;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    /// <summary>Connects, and tells how the connection ends. A server that resets at once may end it before connecting has come to its end.</summary>
    public static async Task<SocketError> ConnectToEndAsync(EndPoint endPoint, IPAddress? from = null)
    {
        try
        {
            using Socket socket = await ConnectAsync(endPoint, from);
            return await socket.EndAsync();
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode;
        }
    }

    /// <summary>A port with no listener, which no other socket can take while this one is open.</summary>
    public static Socket Silent()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
