using System.Net;
using Sluice.Testing.Kernel;

namespace Sluice.Testing.Tcp;

/// <summary>A listening socket of a simulated kernel.</summary>
internal sealed class TcpListener(TcpStack stack, IPEndPoint local, TcpSettings settings, int backlog, Action onConnection)
    : IListenerSocket<TcpConnection>
{
    private readonly Queue<TcpConnection> _queue = new();
    private readonly List<TcpConnection> _handshakes = [];

    public TcpStack Stack { get; } = stack;

    public IPEndPoint Local { get; } = local;

    EndPoint IListenerSocket<TcpConnection>.Local => Local;

    public TcpSettings Settings { get; } = settings;

    // Linux admits one more than the backlog (sk_acceptq_is_full).
    private bool IsFull => _queue.Count > backlog;

    /// <summary>Answers a SYN, unless the queue is full: the client then sends it again, later and later.</summary>
    public void Receive(TcpSegment syn)
    {
        if (!IsFull)
        {
            TcpConnection connection = TcpConnection.Answer(this, syn);
            _handshakes.Add(connection);
            Stack.Add(connection);
        }
    }

    /// <summary>Queues a connection whose handshake is done. False if the queue is full.</summary>
    public bool TryAdd(TcpConnection connection)
    {
        if (IsFull)
        {
            return false;
        }

        _handshakes.Remove(connection);
        _queue.Enqueue(connection);
        onConnection();
        return true;
    }

    /// <summary>Takes a connection; null if there is none.</summary>
    public TcpConnection? TryAccept() => _queue.TryDequeue(out TcpConnection? connection) ? connection : null;

    /// <summary>Removes a connection whose handshake has failed.</summary>
    public void Forget(TcpConnection connection) => _handshakes.Remove(connection);

    /// <summary>Closes the socket. Connections that were not accepted are reset.</summary>
    public void Close()
    {
        Stack.Remove(this);
        foreach (TcpConnection connection in _handshakes.ToArray())
        {
            connection.Reset();
        }

        while (_queue.TryDequeue(out TcpConnection? connection))
        {
            connection.Reset();
        }
    }
}
