using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Portable;

/// <summary>A listening <see cref="Socket"/>.</summary>
internal sealed class PortableListener : ListenerTransport
{
    private const int None = 0;
    private const int UnderWay = 1;
    private const int Completed = 2;

    private readonly Lock _lock = new();
    private readonly PortableEngine _engine;
    private readonly Socket _socket;
    private readonly StreamSocketOptions _accepted;
    private readonly CancellationTokenSource _endAccept = new();
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _onAccepted;

    // The accept under way, and what came of it: a connection, or why there is none.
    private ConfiguredValueTaskAwaitable<Socket>.ConfiguredValueTaskAwaiter _accept;
    private Socket? _acceptedSocket;
    private SocketError _error;
    private int _state;
    private volatile bool _retiring;

    public PortableListener(PortableEngine engine, Socket socket, StreamSocketOptions accepted)
        : base(engine, engine.Scheduler)
    {
        _engine = engine;
        _socket = socket;
        _accepted = accepted;
        LocalEndPoint = PortableEndPoints.Local(socket);
        _onAccepted = OnAcceptEnded;
    }

    public override EndPoint LocalEndPoint { get; }

    public override IOptionTarget Options => new PortableSocketOptions(_socket);

    public override SafeHandle Handle => _socket.SafeHandle;

    public override async ValueTask<StreamTransport?> RetireAsync()
    {
        // Says so first and looks second; whoever begins an accept does it the other way round.
        _retiring = true;
        Interlocked.MemoryBarrier();
        await _endAccept.CancelAsync().ConfigureAwait(false);
        if (Volatile.Read(ref _state) == UnderWay)
        {
            await _retired.Task.ConfigureAwait(false);
        }

        return TryTake(out Socket? socket, out _) && socket is not null ? Accepted(socket) : null;
    }

    public override StreamTransport? TryAcceptNow()
    {
        while (!AcceptReadiness.IsClosed && !IsReserveTouched)
        {
            try
            {
                _socket.Blocking = false;
                if (Accepted(_socket.Accept()) is { } accepted)
                {
                    return accepted;
                }
            }
            catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock)
            {
                return null;
            }
            catch (SocketException exception) when (exception.SocketErrorCode is not (SocketError.Interrupted or SocketError.ConnectionAborted or SocketError.ConnectionReset))
            {
                throw AcceptError(exception.SocketErrorCode, LocalEndPoint);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        }

        return null;
    }

    // The event is consumed when an accept has completed, or when none is under way. One that a caller gave up goes on, and its
    // connection is the next caller's.
    protected override StreamTransport? TryAccept()
    {
        while (AcceptReadiness.TryConsume())
        {
            int state = Volatile.Read(ref _state);
            if (state == UnderWay || (state == None && !TryBegin()))
            {
                return null;
            }

            if (!TryTake(out Socket? socket, out SocketError error))
            {
                return null;
            }

            AcceptReadiness.Set();
            if (socket is not null)
            {
                if (Accepted(socket) is { } accepted)
                {
                    return accepted;
                }

                continue;
            }

            if (error is not (SocketError.ConnectionAborted or SocketError.Interrupted))
            {
                if (error == SocketError.OperationAborted)
                {
                    throw Closed(TypeNames.ServerSocket);
                }

                throw AcceptError(error, LocalEndPoint);
            }
        }

        return null;
    }

    protected override void CloseCore(DisposalSteps steps)
    {
        base.CloseCore(steps);
        steps.Run(DropAccepted);

        // A listener that is closed with an accept under way is told to reset what it accepts (dotnet/runtime, SafeSocketHandle.CloseAsIs),
        // and whoever it was handed to would inherit that.
        steps.Run(_endAccept.Cancel);
        steps.Run(_socket.Dispose);
    }

    // A connection that nobody came for: the peer must not wait until the garbage collector finds it.
    private void DropAccepted()
    {
        if (TryTake(out Socket? socket, out _))
        {
            socket?.Dispose();
        }
    }

    private bool TryTake(out Socket? socket, out SocketError error)
    {
        lock (_lock)
        {
            socket = _acceptedSocket;
            error = _error;
            bool completed = _state == Completed;
            if (completed)
            {
                _acceptedSocket = null;
                Volatile.Write(ref _state, None);
            }

            return completed;
        }
    }

    // True if it has completed.
    private bool TryBegin()
    {
        Volatile.Write(ref _state, UnderWay);
        Interlocked.MemoryBarrier();
        if (_retiring)
        {
            Volatile.Write(ref _state, None);
            _retired.TrySetResult();
            return false;
        }

        try
        {
#pragma warning disable CA2012 // Consumed once, in End; kept meanwhile, and not awaited, so that callers can give up.
            _accept = _socket.AcceptAsync(_endAccept.Token).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        }
        catch (ObjectDisposedException)
        {
            throw Closed(TypeNames.ServerSocket);
        }

        if (_accept.IsCompleted)
        {
            End();
            return true;
        }

        _accept.UnsafeOnCompleted(_onAccepted);
        return false;
    }

    private void OnAcceptEnded()
    {
        _engine.BeginCallback();
        End();
        if (AcceptReadiness.IsClosed)
        {
            DropAccepted();
        }

        AcceptReadiness.Set();
        _engine.EndCallback();
    }

    private void End()
    {
        Socket? socket = null;
        SocketError error = SocketError.Success;
        try
        {
            socket = _accept.GetResult();
        }
        catch (Exception exception)
        {
            error = exception is SocketException failed ? failed.SocketErrorCode : SocketError.OperationAborted;
        }

        lock (_lock)
        {
            _acceptedSocket = socket;
            _error = error;
            Volatile.Write(ref _state, Completed);
        }

        Interlocked.MemoryBarrier();
        if (_retiring)
        {
            _retired.TrySetResult();
        }
    }

    // Null if the connection was gone before its options could be set, which is no fault of the listener's.
    private PortableStream? Accepted(Socket socket)
    {
        try
        {
            OnAccepted(socket.SafeHandle.DangerousGetHandle());
            var options = new PortableSocketOptions(socket);
            options.ApplyUnix(_accepted);
            if (socket.AddressFamily != AddressFamily.Unix)
            {
                options.SetIfGiven(SocketOption.TypeOfService, _accepted.TypeOfService);
                options.ApplyStream(_accepted);
                _accepted.RareOptions?.ApplyToAccepted(options, inherited: false);
            }

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
