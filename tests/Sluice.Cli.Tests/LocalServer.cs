using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.Tests;

/// <summary>A server of plain sockets in the process of the test.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly Func<NetworkStream, Task> _serve;
    private readonly Task _accepting;
    private int _connections;

    public LocalServer(Func<NetworkStream, Task> serve)
    {
        _serve = serve;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public string Name => $"127.0.0.1:{Port}";

    /// <summary>Gets the number of connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Creates a server that sends back what it gets, and ends when the client ends.</summary>
    public static LocalServer Echo() => new(stream => stream.CopyToAsync(stream));

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_serving).Soon("the connections of a server end");
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync();
                Interlocked.Increment(ref _connections);
                _serving.Add(ServeAsync(socket));
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await _serve(stream);
        }
        catch (IOException)
        {
            // The client has gone.
        }
    }
}
