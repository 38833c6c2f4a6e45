using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Portable;

/// <summary>A listening <see cref="Socket"/>.</summary>
internal sealed class PortableListener : ListenerTransport
{
    // The most descriptors that are tried until the framework can watch one.
    private const int MaxCopies = 64;

    private readonly PortableEngine _engine;
    private readonly StreamSocketOptions _accepted;
    private readonly CancellationTokenSource _endAccept = new();
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _onAccepted;

    // Replaced by the call that begins an accept, which has reserved _accept.
    private volatile Socket _socket;

    private PendingOperation<Socket> _accept;

    // Set once, by RetireAsync.
    private volatile bool _retiring;

    public PortableListener(PortableEngine engine, Socket socket, StreamSocketOptions accepted)
        : base(engine, engine.Scheduler)
    {
        _engine = engine;
        _socket = socket;

        // A copy, because the callback may have kept a reference to the options.
        _accepted = new StreamSocketOptions(accepted);
        LocalEndPoint = PortableEndPoints.Local(socket);
        _onAccepted = OnAcceptEnded;
    }

    public override EndPoint LocalEndPoint { get; }

    public override IOptionTarget Options => new PortableSocketOptions(_socket);

    public override SafeHandle Handle => _socket.SafeHandle;

    public override async ValueTask<StreamTransport?> RetireAsync()
    {
        // Sets the flag first and reads the state second. TryBegin and OnAcceptEnded write the state first and read the flag second, so that one
        // of the two threads sees what the other has done.
        _retiring = true;
        Interlocked.MemoryBarrier();
        await _endAccept.CancelAsync().ConfigureAwait(false);
        if (_accept.IsPending)
        {
            await _retired.Task.ConfigureAwait(false);
        }

        return TryTake(out Socket? socket, out _) && socket is not null ? Accepted(socket) : null;
    }

    public override StreamTransport? TryAcceptNow()
    {
        while (!AcceptReadiness.IsClosed && !IsReserveUsed)
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

    // The event is set when an accept has completed, and before the first one. An accept outlives a caller that gives up, and the next caller gets its
    // connection.
    protected override StreamTransport? TryAccept()
    {
        while (!LoopTurn.IsBudgetSpent && AcceptReadiness.TryConsume())
        {
            LoopTurn.ConsumeBudget();
            if (!TryTake(out Socket? socket, out SocketError error) && !TryBegin(out socket, out error))
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
                    throw Closed();
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

        // The framework sets SO_LINGER to 0 on a listener that is closed with an accept in progress (dotnet/runtime, SafeSocketHandle.CloseAsIs). A
        // process to which it was handed over would inherit that.
        steps.Run(_endAccept.Cancel);
        steps.Run(_socket.Dispose);
    }

    // Closes a connection that no caller has taken, so that the peer need not wait for the garbage collector.
    private void DropAccepted()
    {
        if (TryTake(out Socket? socket, out _))
        {
            socket?.Dispose();
        }
    }

    // Takes the result of an accept that has completed: a connection or an error.
    private bool TryTake(out Socket? socket, out SocketError error)
    {
        (socket, error) = (null, SocketError.Success);
        if (!_accept.TryClaim())
        {
            return false;
        }

        Take(out socket, out error);
        return true;
    }

    // Begins an accept unless one is under way. True if it has completed at once.
    private bool TryBegin(out Socket? socket, out SocketError error)
    {
        (socket, error) = (null, SocketError.Success);
        if (!_accept.TryReserve())
        {
            return false;
        }

        Interlocked.MemoryBarrier();
        try
        {
            if (_retiring)
            {
                _accept.Release();
            }
            else if (_accept.TryBegin(BeginAccept(), _onAccepted))
            {
                Take(out socket, out error);
                return true;
            }

            return false;
        }
        catch (ObjectDisposedException)
        {
            _accept.Release();
            throw Closed();
        }
        catch
        {
            // No accept is under way. The next call tries again.
            _accept.Release();
            AcceptReadiness.Set();
            throw;
        }
        finally
        {
            SignalRetired();
        }
    }

    // The framework does not unregister a descriptor from its epoll instance before it closes it (dotnet/runtime, SocketAsyncEngine.UnregisterSocket). If
    // the listener stays open elsewhere, because it was handed over, so does the registration (epoll(7), Q6), and the same listener cannot be registered
    // again under the same number (EEXIST). Then another number helps.
    private ValueTask<Socket> BeginAccept()
    {
        List<Socket> unusable = [];
        try
        {
            while (true)
            {
                try
                {
                    return _socket.AcceptAsync(_endAccept.Token);
                }
                catch (Exception exception) when (IsRefusedRegistration(exception) && unusable.Count < MaxCopies)
                {
                    // Kept open until another one works: the system gives the lowest number that is free.
                    unusable.Add(_socket);
                    ReplaceSocket(PortableEngine.Copy(_socket));
                }
            }
        }
        finally
        {
            unusable.ForEach(PortableEngine.CloseCopied);
        }
    }

    // An exception of a type that is not public.
    private static bool IsRefusedRegistration(Exception exception) =>
        OperatingSystem.IsLinux() && exception is not (ObjectDisposedException or SocketException or OutOfMemoryException or InvalidOperationException);

    private void ReplaceSocket(Socket socket)
    {
        _socket = socket;
        Interlocked.MemoryBarrier();
        if (AcceptReadiness.IsClosed)
        {
            // The close may have seen the socket before this one.
            socket.Dispose();
            throw Closed();
        }
    }

    private void Take(out Socket? socket, out SocketError error)
    {
        (socket, error) = (null, SocketError.Success);
        try
        {
            socket = _accept.TakeResult();
        }
        catch (Exception exception)
        {
            error = exception is SocketException failed ? failed.SocketErrorCode : SocketError.OperationAborted;
        }
    }

    private void OnAcceptEnded()
    {
        _engine.BeginCallback();
        _accept.Complete();
        SignalRetired();
        if (AcceptReadiness.IsClosed)
        {
            DropAccepted();
        }

        AcceptReadiness.Set();
        _engine.EndCallback();
    }

    private void SignalRetired()
    {
        Interlocked.MemoryBarrier();
        if (_retiring && !_accept.IsPending)
        {
            _retired.TrySetResult();
        }
    }

    // Null if the connection has ended before its options were set, which is no error of the listener.
    private PortableStream? Accepted(Socket socket)
    {
        try
        {
            OnAccepted(socket.SafeHandle.DangerousGetHandle());
            var options = new PortableSocketOptions(socket);
            if (socket.AddressFamily == AddressFamily.Unix)
            {
                options.ApplyUnix(_accepted);
            }
            else
            {
                options.ApplyBuffers(_accepted);
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
