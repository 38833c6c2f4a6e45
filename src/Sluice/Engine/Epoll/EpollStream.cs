using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;
using Sluice.Channels.Writing;
using Sluice.Engine.Interop;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

/// <summary>A connection on an event loop.</summary>
internal sealed partial class EpollStream : StreamTransport, IEpollHandler
{
    private volatile EpollLoop _loop;
    private readonly SocketHandle _handle;
    private readonly AddressFamily _family;
    private readonly PeerAddress _peer;
    private EndPoint? _local;
    private EndPoint? _remote;

    // Of the sender, of which there is one at a time, and of the loop.
    private WriteReadiness _room;

    // Written by the sender, read by the reader.
    private bool _sending;

    // Written by the loop, before it reports room; read by the caller that has waited for the connect.
    private bool _hasErrorEvent;

    // Whether another descriptor may refer to the same socket, beside that of a view.
    private bool _mayBeDuplicated;

    private EpollStream(
        EpollEngine engine,
        EpollLoop loop,
        SocketHandle handle,
        AddressFamily family,
        in PeerAddress peer,
        EndPoint? remote,
        StreamSocketOptions options,
        bool mayHaveData)
        : base(engine, engine.ContinuationsOf(options), options, mayHaveData)
    {
        _loop = loop;
        _handle = handle;
        _family = family;
        _peer = peer;
        _remote = remote;
        EventData = loop.Reserve();
    }

    public ulong EventData { get; private set; }

    public override EndPoint LocalEndPoint => _local ??= SocketAddresses.Local(_handle, _family);

    // The title of a client that has no name contains the listener's end point.
    protected override bool IsNamedByLocalEndPoint => _family == AddressFamily.Unix;

    public override EndPoint RemoteEndPoint => _remote ??= SocketAddresses.Parse(PeerBytes(), _family);

    /// <summary>Makes the transport of an accepted connection. Its client's first bytes often are there already.</summary>
    public static EpollStream Start(
        EpollEngine engine, EpollLoop loop, SocketHandle handle, AddressFamily family, in PeerAddress peer, StreamSocketOptions options) =>
        Start(new EpollStream(engine, loop, handle, family, peer, remote: null, options, mayHaveData: true));

    /// <summary>Makes the transport of a descriptor that comes from elsewhere, and of which there may be duplicates.</summary>
    public static EpollStream Adopt(EpollEngine engine, EpollLoop loop, SocketHandle handle, EndPoint remote, StreamSocketOptions options) =>
        Start(new EpollStream(engine, loop, handle, remote.AddressFamily, default, remote, options, mayHaveData: true) { _mayBeDuplicated = true });

    /// <summary>Makes the transport of a connection that is in progress, deferred or established.</summary>
    public static EpollStream Start(
        EpollEngine engine, EpollLoop loop, SocketHandle handle, EndPoint remote, StreamSocketOptions options, bool isDeferred = false, bool mayHaveData = false)
    {
        var stream = new EpollStream(engine, loop, handle, remote.AddressFamily, default, remote, options, mayHaveData);
        stream._connecting = isDeferred ? Deferred : Connected;
        return Start(stream);
    }

    /// <summary>Waits until the connect in progress has ended.</summary>
    /// <exception cref="SocketException">It has failed.</exception>
    /// <exception cref="TimeoutException">It has not ended in time.</exception>
    public async ValueTask WaitConnectedAsync(EndPoint endPoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var waiter = new ConnectWaiter(Scheduler);
        Deadlines deadlines = ((EpollEngine)Engine).ConnectDeadlines;
        if (!_room.TryWait(waiter))
        {
            // The event came before this waited for it.
            waiter.ReadinessEvent.Set();
        }
        else if (timeout != Timeout.InfiniteTimeSpan)
        {
            deadlines.Add(waiter, timeout);
        }

        WaitOutcome signal;
        try
        {
            signal = await waiter.ReadinessEvent.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            deadlines.Remove(waiter);
        }

        TypeNames.ThrowIfDisposed(ReadReadiness.IsClosed, TypeNames.SelectorManager);
        if (signal == WaitOutcome.Closed)
        {
            throw SocketErrors.ConnectTimedOut(endPoint, timeout);
        }

        // Each failure of a connect is an event with EPOLLERR, or EPOLLHUP (tcp_poll in the kernel).
        SocketError error = Volatile.Read(ref _hasErrorEvent) ? new EpollSocketOptions(_handle, _family).TakeError() : SocketError.Success;
        if (error != SocketError.Success)
        {
            throw SocketErrors.At(error, "Connecting to", endPoint);
        }
    }

    public void OnEvents(uint events)
    {
        const uint over = LinuxConstants.EpollRdHup | LinuxConstants.EpollHup | LinuxConstants.EpollErr;
        if ((events & (over | LinuxConstants.EpollPri)) != 0)
        {
            ShortReadsMayHideMore = true;
        }

        bool isGone = (events & (LinuxConstants.EpollHup | LinuxConstants.EpollErr)) != 0;
        if (isGone)
        {
            Volatile.Write(ref _hasErrorEvent, true);
        }

        // The writer first: its bytes are sent before any continuation runs.
        if (isGone || (events & LinuxConstants.EpollOut) != 0)
        {
            if (IsConnecting)
            {
                OnWritableWhileConnecting();
            }

            _room.SetRoom();
        }

        if ((events & (LinuxConstants.EpollIn | over)) != 0)
        {
            ReadReadiness.Set();
        }

        // Last, so that the reader of the bytes before the end is scheduled first.
        if ((events & over) != 0)
        {
            OnPeerEvent(isGone);
        }
    }

    public override int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending) =>
        TrySend(new MemorySend(bytes), client, out pending);

    public override ISplice? OpenSplice(IByteSink sink) => sink is EpollStream { IsConnecting: false } to ? SplicePipe.TryOpen(this, to) : null;

    public override int TrySendHandles(HandleMessage message, ISinkClient client, out bool pending) =>
        TrySend(new HandleSend(message), client, out pending);

    public override IExternalPayload? OpenFile(SafeFileHandle file, long offset, long count) =>
        IsConnecting ? null : new FileSlice(this, file, offset, count);

    /// <summary>Moves received bytes into an empty pipe, as <see cref="ISplice.TryReceive"/>.</summary>
    public int TryReceive(SocketHandle pipe, long most)
    {
        if (!TryBeginReceive(out int result))
        {
            return result == 0 ? ISplice.Unsure : result;
        }

        int received = KernelTransfer.Splice(_handle, pipe, most, out SocketError error);
        if (received < 0 && error == SocketError.OperationNotSupported)
        {
            ReadReadiness.Set();
            return ISplice.Unsupported;
        }

        // splice(2) stops at urgent data, which recv(2) skips: at that point it returns EAGAIN, or the end if the peer has ended by then
        // (tcp_read_sock, tcp_splice_read in the kernel). Urgent data that comes later has an edge of its own, with EPOLLPRI.
        if (received == 0 || (error == SocketError.WouldBlock && ShortReadsMayHideMore))
        {
            ReadReadiness.Set();
            return ISplice.Unsure;
        }

        // A short result does not mean an empty socket: a pipe is full by its number of buffers, whatever their length.
        return FinishReceive(received, mayBeMore: true, error);
    }

    /// <summary>Tries to send, as <see cref="IByteSink.TrySend"/>.</summary>
    public int TrySend<TSend>(TSend send, ISinkClient client, out bool pending)
        where TSend : struct, ISocketSend
    {
        int sent;
        do
        {
            // The handle does not tell: its descriptor is open until the last call on it has returned.
            if (_room.IsClosed)
            {
                throw Closed();
            }

            pending = _room.IsFull && _room.TryWait(client);
            if (pending)
            {
                return 0;
            }

            sent = Send(send);
        }
        while (sent == 0);
        return sent;
    }

    public override int TrySendDirect(ReadOnlySpan<byte> bytes) => _room.IsFull ? 0 : Send(new SpanSend(bytes));

    public override int UnacknowledgedBytes
    {
        get
        {
            // See SendQueueLength.Of.
            if (_family == AddressFamily.Unix)
            {
                return 0;
            }

            // Nothing is acknowledged yet, neither the bytes of the first packet nor a FIN. The closer waits while this is more than 1.
            if (IsConnecting && TcpState.IsConnecting(Options))
            {
                return 2;
            }

            return SendQueueLength.OnLinux(_handle);
        }
    }

    public override void ShutdownOutput() => Shutdown(LinuxConstants.ShutWrite);

    // The kernel reports it as it does the peer's end, with EPOLLRDHUP.
    public override void ShutdownInput() => Shutdown(LinuxConstants.ShutRead);

    private void Shutdown(int how)
    {
        if (!IsConnecting || !TryDeferShutdown(how))
        {
            ShutdownNow(how);
        }
    }

    private void ShutdownNow(int how)
    {
        using DescriptorLease lease = _handle.Lease();

        // ENOTCONN: the peer has reset, and the next read says so.
        _ = Libc.Shutdown(lease.Descriptor, how);
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

    public override IOptionTarget Options => new EpollSocketOptions(_handle, _family);

    protected override void CloseCore(DisposalSteps steps)
    {
        base.CloseCore(steps);
        steps.Run(this, static stream => stream.Unregister());

        // Before the handle, whose descriptor then is the last one: closing it ends the connection.
        steps.Run(this, static stream => stream.CloseSocketView());
        steps.Run(_handle, static handle => handle.Dispose());

        steps.Run(this, static stream => stream._room.Close());
    }

    protected override int Receive(Span<byte> buffer, out SocketError error) =>
        _family == AddressFamily.Unix ? ReceiveHandles(buffer, null, out error) : SocketTransfer.Receive(_handle, buffer, out error);

    protected override int ReceiveHandles(Span<byte> buffer, ICollection<SocketHandle>? handles, out SocketError error)
    {
        int received = HandleTransfer.Receive(_handle, buffer, handles, out bool lost, out error);
        HandlesLost |= lost;
        if (lost)
        {
            // Re-arm: recvmsg(2) stops after a message with descriptors, so a short result does not mean an empty socket (unix(7)).
            ReadReadiness.Set();
        }

        return received;
    }

    // Waits for the end of a send in progress, which is a non-blocking system call.
    protected override bool MayErrorFollow()
    {
        SpinWait spin = default;
        while (Volatile.Read(ref _sending))
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        return false;
    }

    private int Send<TSend>(TSend send)
        where TSend : struct, ISocketSend, allows ref struct
    {
        _room.BeginTry();
        int sent;
        int attempted;
        IOException? failure;
        Volatile.Write(ref _sending, true);
        try
        {
            sent = send.Send(_handle, out attempted, out SocketError error);

            // EINPROGRESS: this has started a deferred connect, and no bytes went with the first packet.
            failure = sent > 0 || error is SocketError.WouldBlock or SocketError.InProgress ? null : SendFailure(error);
        }
        finally
        {
            // After an exception as well: a reader that has seen the flag waits until it is cleared.
            Volatile.Write(ref _sending, false);
        }

        // Less than asked for means full, as an EAGAIN does: the kernel has set SOCK_NOSPACE, and an edge follows when there is room.
        if (sent < attempted)
        {
            _room.SetFull();
        }

        return failure is null ? sent : throw failure;
    }

    private static EpollStream Start(EpollStream stream)
    {
        stream._loop.Register(stream._handle, stream);
        try
        {
            stream.Enlist();
        }
        catch
        {
            stream.Unregister();
            throw;
        }

        return stream;
    }

    private ReadOnlySpan<byte> PeerBytes() => ((ReadOnlySpan<byte>)_peer)[..(_family == AddressFamily.InterNetworkV6 ? PeerAddress.Size : 16)];

    /// <summary>Waits for a connect as a writer waits for room.</summary>
    private sealed class ConnectWaiter(IScheduler scheduler) : Deadlines.Entry, ISinkClient
    {
        public ReadinessEvent ReadinessEvent { get; } = new(scheduler);

        public void OnSinkReady(int sent, Exception? error) => ReadinessEvent.Set();

        public override void Expire() => ReadinessEvent.Close();
    }
}
