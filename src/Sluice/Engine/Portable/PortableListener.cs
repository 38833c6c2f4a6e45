using System.Net;
using System.Net.Sockets;

namespace Sluice.Engine.Portable;

/// <summary>A listening <see cref="Socket"/>.</summary>
internal sealed class PortableListener : ListenerTransport
{
    private readonly PortableEngine _engine;
    private readonly Socket _socket;
    private readonly StreamSocketOptions _accepted;
    private readonly SocketAsyncEventArgs _accept = new(true);
    private int _completed;

    public PortableListener(PortableEngine engine, Socket socket, StreamSocketOptions accepted)
        : base(engine, engine.Scheduler)
    {
        _engine = engine;
        _socket = socket;
        _accepted = accepted;
        LocalEndPoint = socket.LocalEndPoint!;
        _accept.Completed += (_, _) => OnAccepted();
    }

    public override EndPoint LocalEndPoint { get; }

    public override IOptionTarget Options => new PortableSocketOptions(_socket);

    // The gate is passed when an accept has completed, or when none is under way. One that a caller gave up goes on, and its
    // connection is the next caller's.
    protected override StreamTransport? TryAccept()
    {
        while (AcceptGate.TryPass())
        {
            if (Interlocked.Exchange(ref _completed, 0) == 0 && !TryBegin())
            {
                return null;
            }

            SocketError error = _accept.SocketError;
            Socket? socket = _accept.AcceptSocket;
            _accept.AcceptSocket = null;
            AcceptGate.Signal();
            if (error == SocketError.Success && socket is not null)
            {
                if (Accepted(socket) is { } accepted)
                {
                    return accepted;
                }

                continue;
            }

            socket?.Dispose();
            if (error is not (SocketError.ConnectionAborted or SocketError.Interrupted))
            {
                ObjectDisposedException.ThrowIf(error == SocketError.OperationAborted, typeof(ServerSocket));
                throw AcceptError(error, LocalEndPoint);
            }
        }

        return null;
    }

    protected override void CloseCore()
    {
        base.CloseCore();
        DropAccepted();
        _socket.Dispose();
        _accept.Dispose();
    }

    // A connection that nobody came for: the peer must not wait until the garbage collector finds it.
    private void DropAccepted()
    {
        if (Interlocked.Exchange(ref _completed, 0) != 0)
        {
            _accept.AcceptSocket?.Dispose();
        }
    }

    private bool TryBegin()
    {
        try
        {
            return !_socket.AcceptAsync(_accept);
        }
        catch (ObjectDisposedException)
        {
            throw new ObjectDisposedException(nameof(ServerSocket));
        }
    }

    private void OnAccepted()
    {
        _engine.BeginCallback();
        Interlocked.Exchange(ref _completed, 1);
        if (AcceptGate.IsClosed)
        {
            DropAccepted();
        }

        AcceptGate.Signal();
        _engine.EndCallback();
    }

    // Null if the connection was gone before its options could be set, which is no fault of the listener's.
    private PortableStream? Accepted(Socket socket)
    {
        try
        {
            var options = new PortableSocketOptions(socket);
            options.SetIfGiven(SocketOption.SendBufferSize, _accepted.SendBufferSize);
            options.SetIfGiven(SocketOption.ReceiveBufferSize, _accepted.ReceiveBufferSize);
            options.SetIfGiven(SocketOption.TypeOfService, _accepted.TypeOfService);
            options.ApplyStream(_accepted);
            _accepted.More?.ApplyToAccepted(options, inherited: false);
            return _engine.Start(socket, _accepted);
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
