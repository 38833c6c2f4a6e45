using System.Net;
using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Datagrams;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Testing.Kernel;
using Sluice.Testing.Udp;

namespace Sluice.Testing.Sockets;

/// <summary>A datagram socket of a simulated host.</summary>
internal sealed class SimulatedDatagram(SimulatedEngine engine, SimulatedSocketOptions options, EndPoint? remote, DatagramSocketOptions with)
    : DatagramTransport(engine, engine.Scheduler, options.Family, remote)
{
    private readonly bool _wantsPacketInfo = with is UdpSocketOptions { ReceivePacketInfo: true };
    private readonly int _maxSize = with.MaxDatagramSize;

    // Set by Open, before the transport is handed out.
    private IDatagramSocket? _socket;

    public override EndPoint LocalEndPoint => EndPointCopy.Of(_socket!.Local);

    public override IOptionTarget Options => options;

    /// <summary>Opens the socket. The parameters get what is to be called when there is something to receive, or room to send.</summary>
    /// <exception cref="SocketException">The host refuses.</exception>
    public void Open(Func<Action, Action, IDatagramSocket> open)
    {
        _socket = open(ReceiveReadiness.Set, SendReadiness.Set);
        options.CountDrops = () => _socket.Drops;
        try
        {
            Enlist();
        }
        catch
        {
            CloseSocket();
            throw;
        }
    }

    public override void ChangeMembership(IPAddress group, IPAddress? source, int interfaceIndex, bool join)
    {
        engine.CheckThread();
        if (ReceiveReadiness.IsClosed)
        {
            throw Closed();
        }

        (_socket as UdpSocket ?? throw new SocketException((int)SocketError.ProtocolOption)).Groups.Change(group, source, interfaceIndex, join);
    }

    public override bool TryReceive(out IncomingDatagram datagram)
    {
        datagram = default;
        if (LoopTurn.IsBudgetSpent)
        {
            return false;
        }

        if (!ReceiveReadiness.TryConsume())
        {
            return ReceiveReadiness.IsClosed ? throw Closed() : false;
        }

        LoopTurn.ConsumeBudget();
        engine.CheckThread();
        ThrowIfFailed(ReceivingAt);
        if (_socket!.TryReceive() is not { } received)
        {
            return false;
        }

        // Re-arm: more may be queued.
        ReceiveReadiness.Set();
        datagram = new IncomingDatagram
        {
            Bytes = received.Payload.AsSpan(0, Math.Min(received.Payload.Length, _maxSize)),
            IsTruncated = received.Payload.Length > _maxSize,
            RemoteEndPoint = RemoteEndPoint ?? EndPointCopy.Of(received.Source),
            Info = _wantsPacketInfo ? new DatagramInfo(received.Destination, received.Interface, null, null) : default,
        };
        return true;
    }

    public override bool TrySend(ReadOnlySpan<byte> bytes, EndPoint? remote)
    {
        engine.CheckThread();
        if (ReceiveReadiness.IsClosed)
        {
            throw Closed();
        }

        string doing = SendingTo(remote);
        ThrowIfFailed(doing);
        try
        {
            return _socket!.TrySend(bytes, remote is null ? null : EndPointCopy.Of(remote));
        }
        catch (SocketException exception)
        {
            throw SocketErrors.During(exception.SocketErrorCode, doing);
        }
    }

    public override int TrySend(ReadOnlySpan<OutgoingDatagram> datagrams)
    {
        int sent = 0;
        try
        {
            while (sent < datagrams.Length && TrySend(datagrams[sent].Payload.Span, datagrams[sent].RemoteEndPoint))
            {
                sent++;
            }
        }
        catch (SocketException) when (sent > 0)
        {
            // The call for the rest gets the error.
        }

        return sent;
    }

    protected override void CloseCore(DisposalSteps steps)
    {
        base.CloseCore(steps);
        steps.Run(SnapshotDrops);
        steps.Run(CloseSocket);
        options.Close();
    }

    private void CloseSocket() => _socket!.Close();

    private void ThrowIfFailed(string doing)
    {
        if (_socket!.TakeError() is var error and not SocketError.Success)
        {
            ReceiveReadiness.Set();
            throw SocketErrors.During(error, doing);
        }
    }
}
