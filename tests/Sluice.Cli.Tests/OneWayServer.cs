using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.Tests;

/// <summary>Takes all that clients send, or sends all that they take, and closes a connection after so many bytes.</summary>
internal sealed class OneWayServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly byte[] _buffer = new byte[100_000];
    private readonly bool _sends;
    private readonly long _most;
    private long _bytes;

    public OneWayServer(bool sends, long most = long.MaxValue)
    {
        (_sends, _most) = (sends, most);
        _listener.Start();
        _ = AcceptAsync();
    }

    public EndPoint EndPoint => _listener.LocalEndpoint;

    /// <summary>How many connections there were so far.</summary>
    public int Connections => _serving.Count;

    /// <summary>Waits for the end of all connections: how many there were, and how many bytes they had at most.</summary>
    public async Task<(int Connections, long Bytes)> EndAsync()
    {
        await Task.WhenAll(_serving).Soon();
        return (_serving.Count, Interlocked.Read(ref _bytes));
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            _serving.Add(ServeAsync(await _listener.AcceptSocketAsync()));
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await (_sends ? SendAsync(socket) : ReceiveAsync(socket));
            }
            catch (SocketException)
            {
                // The client has left.
            }
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        int count;
        for (long all = 0; all < _most && (count = await socket.ReceiveAsync(_buffer, SocketFlags.None)) > 0; all += count)
        {
            Interlocked.Add(ref _bytes, count);
        }
    }

    private async Task SendAsync(Socket socket)
    {
        for (long all = 0; all < _most; all += _buffer.Length)
        {
            Interlocked.Add(ref _bytes, _buffer.Length);
            await socket.SendAsync(_buffer, SocketFlags.None);
        }
    }
}
