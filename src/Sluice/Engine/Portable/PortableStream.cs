using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Portable;

/// <summary>A connection on a <see cref="Socket"/>.</summary>
internal sealed class PortableStream : StreamTransport
{
    private const int MaxAsyncSend = 4 * 1024;

    private static readonly TimeSpan s_handlePause = TimeSpan.FromMilliseconds(2);

    private readonly PortableEngine _engine;
    private readonly Socket _socket;
    private readonly SocketAsyncEventArgs _send = new(true);
    private readonly CancellationTokenSource _endWait = new();
    private readonly Action _onReceivable;
    private PendingOperation<int> _wait;
    private EndPoint? _local;
    private EndPoint? _remote;
    private ISinkClient? _sinkClient;
    private bool _sending;

    public PortableStream(PortableEngine engine, Socket socket, StreamSocketOptions options)
        : base(engine, engine.Scheduler, options)
    {
        _engine = engine;
        _socket = socket;

        // For the synchronous calls, Receive and Send, which must not wait; the asynchronous ones do not care.
        socket.Blocking = false;
        _remote = socket.RemoteEndPoint;
        _onReceivable = OnReceivable;
        _send.Completed += (_, _) => OnSent();
    }

    public override EndPoint LocalEndPoint => _local ??= PortableEndPoints.Local(_socket);

    public override int UnacknowledgedBytes => SendQueueLength.Of(_socket);

    public override EndPoint RemoteEndPoint => _remote ??= _socket.RemoteEndPoint!;

    public override ValueTask<WaitOutcome> WaitReceivableAsync(CancellationToken cancellationToken)
    {
        ValueTask<WaitOutcome> wait = ReadReadiness.WaitAsync(cancellationToken);
        if (!wait.IsCompleted)
        {
            WatchReceivable();
        }

        return wait;
    }

    public override int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending)
    {
        // One segment a call: were a second one under way, its call back could overtake the count of the first.
        int sent = TrySendDirect(bytes.FirstSpan);
        pending = sent == 0;
        if (!pending)
        {
            return sent;
        }

        Volatile.Write(ref _sending, true);
        try
        {
            // Little, because the call back comes when all of it is gone, and would keep quiet of progress meanwhile.
            _send.SetBuffer(MemoryMarshal.AsMemory(bytes.First)[..Math.Min(bytes.First.Length, MaxAsyncSend)]);
            Volatile.Write(ref _sinkClient, client);
            pending = _socket.SendAsync(_send);
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }

        return pending ? 0 : EndSend(_send.SocketError) is { } failure ? throw failure : _send.BytesTransferred;
    }

    public override int TrySendDirect(ReadOnlySpan<byte> bytes)
    {
        Volatile.Write(ref _sending, true);
        try
        {
            int sent = _socket.Send(bytes, SocketFlags.None, out SocketError error);

            // A Socket that has sent a part tries once more, and of that keeps quiet, even of a reset, which the system tells but once.
            if (error == SocketError.Success && sent < bytes.Length && !IsUnix && TcpState.IsClosed(_socket))
            {
                RememberError(SocketError.ConnectionReset);
            }

            return EndSend(error == SocketError.WouldBlock ? SocketError.Success : error) is { } failure ? throw failure : sent;
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }
    }

    public override void ShutdownOutput() => Shutdown(SocketShutdown.Send);

    public override void ShutdownInput()
    {
        Shutdown(SocketShutdown.Receive);
        ReadReadiness.Set();
    }

    private void Shutdown(SocketShutdown how)
    {
        try
        {
            _socket.Shutdown(how);
        }
        catch (SocketException)
        {
            // The peer has reset, which whoever reads will hear.
        }
    }

    public override void Abort()
    {
        try
        {
            Options.SetOption(SocketOption.LingerSeconds, 0);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
        {
            // Closed by somebody else just now, or reset by the peer: nothing is left to reset.
        }

        Close();
    }

    public override IOptionTarget Options => new PortableSocketOptions(_socket);

    public override Socket OpenSocketView() => _socket;

    public override int TrySendHandles(HandleMessage message, ISinkClient client, out bool pending)
    {
        int sent;
        SocketError error;
        try
        {
            sent = message.Send(_socket.SafeHandle, out _, out error);
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }

        pending = sent == 0 && error == SocketError.WouldBlock;
        if (pending)
        {
            _ = SignalAfterPauseAsync(client);
        }

        return sent > 0 || pending ? sent : throw SendFailure(error);
    }

    // Socket neither sends descriptors nor tells when there is room: the client looks again after a pause. This ends by itself, since the next
    // try on a closed socket fails.
    private async Task SignalAfterPauseAsync(ISinkClient client)
    {
        await Task.Delay(s_handlePause, Engine.TimeProvider).ConfigureAwait(false);
        client.OnSinkReady(0, null);
    }

    private bool IsUnix => _socket.AddressFamily == AddressFamily.Unix;

    protected override int ReceiveHandles(Span<byte> buffer, ICollection<SocketHandle>? handles, out SocketError error)
    {
        int received = HandleTransfer.Receive(_socket.SafeHandle, buffer, handles, out bool lost, out error);
        HandlesLost |= lost;
        return received;
    }

    protected override int Receive(Span<byte> buffer, out SocketError error)
    {
        if (OperatingSystem.IsLinux() && IsUnix)
        {
            return ReceiveHandles(buffer, null, out error);
        }

        int received = _socket.Receive(buffer, SocketFlags.None, out error);
        return error == SocketError.Success ? received : -1;
    }

    protected override void CloseCore(DisposalSteps steps)
    {
        base.CloseCore(steps);

        // A socket that is closed with a receive under way resets the connection, on Unix (dotnet/runtime, SafeSocketHandle.CloseAsIs).
        steps.Run(_endWait, static wait => wait.Cancel());
        steps.Run(_socket, static socket => socket.Dispose());
        steps.Run(_send, static send => send.Dispose());
    }

    // A receive of no bytes completes when there is something to receive, and holds no buffer meanwhile. It outlives a wait that was
    // cancelled: the next one finds it under way.
    protected override void WatchReceivable()
    {
        try
        {
            if (_wait.TryReserve() && _wait.TryBegin(_socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, _endWait.Token), _onReceivable))
            {
                EndWait();
            }
        }
        catch (ObjectDisposedException)
        {
            // Closing has ended the wait, or is about to.
        }
    }

    // A peer that only ended leaves the connection half open, and a send that waits may wait on. On one that is closed altogether it is
    // about to end; and so is a wait, which looks at the socket as a receive does. A signal of the wait before that one may come so late
    // that a receive overtakes it.
    protected override bool IsErrorOnItsWay() => (Volatile.Read(ref _sending) || !_wait.IsIdle) && TcpState.IsClosed(_socket);

    private void OnReceivable()
    {
        _engine.BeginCallback();
        EndWait();
        _engine.EndCallback();
    }

    private void EndWait()
    {
        try
        {
            _wait.GetResult();
        }
        catch (SocketException exception)
        {
            RememberError(exception.SocketErrorCode);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // Closed meanwhile.
        }

        _wait.Release();
        ReadReadiness.Set();
    }

    private void OnSent()
    {
        _engine.BeginCallback();
        ISinkClient? client = Interlocked.Exchange(ref _sinkClient, null);
        client?.OnSinkReady(_send.BytesTransferred, EndSend(_send.SocketError));
        _engine.EndCallback();
    }

    private IOException? EndSend(SocketError error)
    {
        IOException? failure = error == SocketError.Success ? null : SendFailure(error);
        Volatile.Write(ref _sending, false);
        return failure;
    }
}
