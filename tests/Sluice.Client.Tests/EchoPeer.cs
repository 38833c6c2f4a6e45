using System.Collections.Concurrent;
using System.Net;

namespace Sluice.Client.Tests;

/// <summary>A server that answers each line with itself.</summary>
internal sealed class EchoPeer : IAsyncDisposable
{
    private readonly ServerSocket _server;
    private readonly ConcurrentDictionary<Connection, bool> _connections = new();
    private readonly Task _serving;
    private int _accepted;

    private EchoPeer(ServerSocket server)
    {
        _server = server;
        _serving = server.ServeAsync(EchoAsync);
        EndPoint = server.LocalEndPoint;
    }

    public EndPoint EndPoint { get; }

    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>How many connections there were.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>How many connections are open.</summary>
    public int Open => _connections.Count;

    /// <summary>Whether it reads and does not answer.</summary>
    public bool IsSilent { get; set; }

    public static async Task<EchoPeer> StartAsync(SelectorManager selector, int port = 0) => new(await selector.Tcp().BindAsync("127.0.0.1", port));

    public void AbortAll()
    {
        foreach (Connection connection in _connections.Keys)
        {
            connection.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(TimeSpan.Zero);
        await _serving.OutcomeAsync();
        await _server.DisposeAsync();
    }

    private async Task EchoAsync(Connection connection, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _accepted);
        _connections[connection] = true;
        try
        {
            while (await connection.Input.ReadLineAsync(cancellationToken) is { } line)
            {
                Lines.Enqueue(line);
                if (!IsSilent)
                {
                    await connection.Output.WriteStringAsync(line + "\n", cancellationToken);
                }
            }
        }
        finally
        {
            _connections.TryRemove(connection, out _);
        }
    }
}
