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

    // A receive of no bytes, begun by the reader.
    private PendingOperation<int> _wait;
    private EndPoint? _local;
    private EndPoint? _remote;

    // Of the send in progress. Written by the sender, exchanged by the callback.
    private ISinkClient? _sinkClient;

    // Written by the sender and the callback, read by the reader.
    private bool _sending;

    public PortableStream(PortableEngine engine, Socket socket, StreamSocketOptions options)
        : base(engine, engine.Scheduler, options)
    {
        _engine = engine;
        _socket = socket;

        // For the synchronous calls, Receive and Send. The asynchronous ones set it as well.
        socket.Blocking = false;

        // The Socket first: if the peer has reset, it throws once, and then says that there is no peer.
        _remote = socket.RemoteEndPoint ?? PortableEndPoints.Remote(socket);
        _onReceivable = OnReceivable;
        _send.Completed += (_, _) => OnSent();
    }

    public override EndPoint LocalEndPoint => _local ??= PortableEndPoints.Local(_socket);

    // The title of a client that has no name contains the listener's end point.
    protected override bool IsNamedByLocalEndPoint => IsUnix;

    public override int UnacknowledgedBytes => SendQueueLength.Of(_socket);

    public override EndPoint RemoteEndPoint => _remote ??= _socket.RemoteEndPoint!;

    public override PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken)
    {
        PooledTask<WaitOutcome> wait = ReadReadiness.Wait(cancellationToken);
        if (!wait.IsCompleted)
        {
            WatchReceivable();
        }

        return wait;
    }

    public override int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending)
    {
        // One segment a call: the callback of a second send could run before the first one is counted.
        int sent = TrySendDirect(bytes.FirstSpan);
        pending = sent == 0;
        if (!pending)
        {
            return sent;
        }

        Volatile.Write(ref _sending, true);
        try
        {
            // Few bytes, because the callback comes when all of them are sent, and reports no progress before that.
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

            // After a partial send Socket tries once more, and hides the error of that try, even a reset, which the kernel reports only once
            // (dotnet/runtime, SocketPal.Unix.TryCompleteSendTo).
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
            // The peer has reset, and the next read says so.
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
            // Another thread has closed the socket, or the peer has reset: there is no connection to reset.
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
        await Task.Delay(s_handlePause, Engine.KernelTime).ConfigureAwait(false);
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

        // On Unix a close with a receive in progress resets the connection (dotnet/runtime, SafeSocketHandle.CloseAsIs).
        steps.Run(_endWait, static wait => wait.Cancel());
        steps.Run(_socket, static socket => socket.Dispose());
        steps.Run(_send, static send => send.Dispose());
    }

    // A receive of no bytes completes when there is something to receive, and needs no buffer. It outlives a wait that was canceled, and serves the
    // next one.
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
            // The close has ended the wait, or is about to.
        }
        catch
        {
            // The framework cannot watch the socket: no wait has begun, and the next read tries again.
            _wait.Release();
            ReadReadiness.Set();
            throw;
        }
    }

    // After the peer's end alone the connection is half open, and a send in progress may wait on. On a connection that is closed in both directions a
    // send is about to fail. So is a wait, which takes the error of the socket as a receive does: the signal of an earlier wait may be so late that a
    // receive comes before the end of the current one.
    protected override bool MayErrorFollow() => (Volatile.Read(ref _sending) || !_wait.IsIdle) && TcpState.IsClosed(_socket);

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
            // The socket is closed.
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
