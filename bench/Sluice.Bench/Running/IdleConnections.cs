using System.Net;
using System.Net.Sockets;

namespace Sluice.Bench.Running;

/// <summary>Idle connections. Each has echoed one line, which ensures that the server has accepted it and waits for the next line.</summary>
internal sealed class IdleConnections(int port, int lineLength) : IDisposable
{
    private const int PatienceMilliseconds = 10_000;

    private readonly List<Socket> _sockets = [];
    private readonly byte[] _line = [.. Enumerable.Repeat((byte)'x', lineLength - 1), (byte)'\n'];
    private readonly byte[] _answer = new byte[lineLength + 1];

    /// <summary>Opens <paramref name="count"/> more.</summary>
    /// <exception cref="UnmeasurableException">Connecting failed.</exception>
    public void Open(int count)
    {
        try
        {
            for (int i = 0; i < count; i++)
            {
                Open();
            }
        }
        catch (SocketException exception)
        {
            throw new UnmeasurableException($"{_sockets.Count} connections, then: {exception.Message}");
        }
    }

    public void Dispose() => _sockets.ForEach(socket =>
    {
        // With a reset, so that no port lingers.
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    });

    private void Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = PatienceMilliseconds };
        _sockets.Add(socket);
        socket.Connect(IPAddress.Loopback, port);
        socket.Send(_line);
        for (int got = 0; got < _answer.Length;)
        {
            int count = socket.Receive(_answer, got, _answer.Length - got, SocketFlags.None);
            got += count > 0 ? count : throw new UnmeasurableException("the server closed a connection");
        }
    }
}
