using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Sluice.Channels.Writing;
using Sluice.Engine;
using Sluice.Engine.Interop;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Testing.Kernel;

namespace Sluice.Testing.Sockets;

/// <summary>A connection of a simulated host.</summary>
internal sealed class SimulatedStream : StreamTransport, IStreamUser
{
    private readonly SimulatedEngine _engine;
    private readonly IStreamSocket _connection;
    private readonly SimulatedSocketOptions _options;

    // The client that waits for room.
    private ISinkClient? _waiting;
    private ConnectWaiter? _connecting;
    private bool _closed;

    public SimulatedStream(SimulatedEngine engine, IStreamSocket connection, SimulatedSocketOptions options, StreamSocketOptions with)
        : base(engine, engine.Scheduler, with)
    {
        _engine = engine;
        _connection = connection;
        _options = options;
        connection.User = this;
    }

    public override EndPoint LocalEndPoint => Shown(_connection.Local);

    public override EndPoint RemoteEndPoint => Shown(_connection.Remote);

    public override IOptionTarget Options => _options;

    public override int UnacknowledgedBytes => _connection.Unacknowledged;

    public override bool CanWatchPeer => true;

    /// <summary>Waits until the connect in progress has ended.</summary>
    /// <exception cref="SocketException">It has failed.</exception>
    /// <exception cref="TimeoutException">It has not ended in time.</exception>
    public async ValueTask WaitConnectedAsync(EndPoint endPoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var waiter = new ConnectWaiter(Scheduler);
        _connecting = waiter;
        if (timeout != Timeout.InfiniteTimeSpan)
        {
            _engine.ConnectDeadlines.Add(waiter, timeout);
        }

        WaitOutcome outcome;
        try
        {
            outcome = await waiter.Ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _engine.ConnectDeadlines.Remove(waiter);
            _connecting = null;
        }

        TypeNames.ThrowIfDisposed(ReadReadiness.IsClosed, TypeNames.SelectorManager);
        if (outcome == WaitOutcome.Closed)
        {
            throw SocketErrors.ConnectTimedOut(endPoint, timeout);
        }

        SocketError error = _connection.TakeError();
        if (error != SocketError.Success)
        {
            throw SocketErrors.At(error, "Connecting to", endPoint);
        }
    }

    public override int TrySend(in ReadOnlySequence<byte> bytes, ISinkClient client, out bool pending)
    {
        ThrowIfClosed();
        int sent = 0;
        foreach (ReadOnlyMemory<byte> segment in bytes)
        {
            int taken = Send(segment.Span);
            sent += taken;
            if (taken < segment.Length)
            {
                break;
            }
        }

        pending = sent == 0;
        if (pending)
        {
            _waiting = client;
        }

        return sent;
    }

    public override int TrySendDirect(ReadOnlySpan<byte> bytes)
    {
        ThrowIfClosed();
        return Send(bytes);
    }

    public override void ShutdownOutput() => _connection.ShutdownOutput();

    public override void ShutdownInput()
    {
        _connection.ShutdownInput();
        ReadReadiness.Set();
    }

    public override void Abort()
    {
        if (!_closed)
        {
            _options.Settings.LingerSeconds = 0;
        }

        Close();
    }

    // The same on each machine and in each run: a host has one process.
    public override PeerCredentials ReadPeerCredentials() => new(ProcessId: 1, UserId: 1000, GroupId: 1000);

    public override Socket OpenSocketView() => throw NotSimulated();

    public override int TrySendHandles(HandleMessage message, ISinkClient client, out bool pending) => throw NotSimulated();

    public void OnConnected() => _connecting?.Ended.Set();

    public void OnReadable()
    {
        // The end came with the last bytes, and has no event of its own.
        ShortReadsMayHideMore |= _connection.HasInputEnded;
        ReadReadiness.Set();
    }

    public void OnWritable()
    {
        ISinkClient? client = _waiting;
        _waiting = null;
        client?.OnSinkReady(0, null);
    }

    public void OnPeerEnded(bool gone) => OnPeerEvent(gone);

    public override void EndWaits()
    {
        base.EndWaits();
        _connecting?.Ended.Set();
    }

    protected override int ReceiveHandles(Span<byte> buffer, ICollection<SocketHandle>? handles, out SocketError error) => throw NotSimulated();

    protected override int Receive(Span<byte> buffer, out SocketError error)
    {
        _engine.CheckThread();
        return _connection.Receive(buffer, out error);
    }

    // One thread runs everything: no call is in progress.
    protected override bool MayErrorFollow() => false;

    protected override void CloseCore(DisposalSteps steps)
    {
        base.CloseCore(steps);
        _closed = true;
        steps.Run(_connection.Close);
        steps.Run(OnWritable);
        _options.Close();
    }

    // A copy, which the caller may change. A socket of IPv6 shows the addresses of an IPv4 client as those of IPv6 (ipv6(7)).
    private EndPoint Shown(EndPoint endPoint) => endPoint is IPEndPoint { AddressFamily: AddressFamily.InterNetwork } plain && _options.Family == AddressFamily.InterNetworkV6
        ? new IPEndPoint(plain.Address.MapToIPv6(), plain.Port)
        : EndPointCopy.Of(endPoint);

    private static NotSupportedException NotSimulated() => new("A simulated host has no descriptors.");

    private void ThrowIfClosed()
    {
        _engine.CheckThread();
        if (_closed)
        {
            throw Closed();
        }
    }

    private int Send(ReadOnlySpan<byte> bytes)
    {
        int sent = _connection.Send(bytes, out SocketError error);
        return error == SocketError.Success ? sent : throw SendFailure(error);
    }

    /// <summary>Waits for the end of a connect, or its time limit.</summary>
    private sealed class ConnectWaiter(IScheduler scheduler) : Deadlines.Entry
    {
        public ReadinessEvent Ended { get; } = new(scheduler);

        public override void Expire() => Ended.Close();
    }
}
