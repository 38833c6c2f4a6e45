using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Kernel;

namespace Sluice.Testing.Unix;

/// <summary>A listening socket of the Unix domain.</summary>
internal sealed class UnixListener(UnixStack stack, UnixDomainSocketEndPoint name, int backlog, bool deletes, Action onConnection)
    : IUnixSocket, IListenerSocket<UnixStream>
{
    private readonly Queue<UnixStream> _queue = new();
    private bool _closed;

    public EndPoint Local => name;

    /// <summary>Gets a value indicating whether a connect finds no room. Linux admits one more than the backlog (unix_recvq_full).</summary>
    public bool IsFull => _queue.Count > backlog;

    /// <summary>Queues a connection.</summary>
    public void Add(UnixStream connection)
    {
        _queue.Enqueue(connection);
        stack.Later(onConnection);
    }

    public UnixStream? TryAccept() => _queue.TryDequeue(out UnixStream? connection) ? connection : null;

    public void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        stack.OpenSockets--;
        stack.Release(name, this, deletes);
        while (_queue.TryDequeue(out UnixStream? connection))
        {
            connection.Reset();
        }
    }
}
