using System.Net;
using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Datagrams;
using Sluice.Options;
using Sluice.Scheduling;
using Sluice.Testing.Udp;

namespace Sluice.Testing.Sockets;

/// <summary>A UDP socket of a simulated host.</summary>
internal sealed class SimulatedDatagram(SimulatedEngine engine, SimulatedSocketOptions options, EndPoint? remote, DatagramSocketOptions with)
    : DatagramTransport(engine, engine.Scheduler, options.Family, remote)
{
    private readonly bool _wantsPacketInfo = with is UdpSocketOptions { ReceivePacketInfo: true };
    private readonly int _maxSize = with.MaxDatagramSize;

    // Set by Open, before the transport is handed out.
    private UdpSocket? _socket;

    public override EndPoint LocalEndPoint => _socket!.Local;

    public override IOptionTarget Options => options;

    /// <exception cref="SocketException">The host refuses.</exception>
    public void Open(UdpStack udp, IPEndPoint? local)
    {
        _socket = udp.Open(local, RemoteEndPoint as IPEndPoint, options.Settings, ReceiveReadiness.Set);
        options.CountDrops = () => _socket.Drops;
    }

    /// <summary>Closes the socket of a transport that is in no list.</summary>
    public void CloseSocket() => _socket!.Close();

    public override bool TryReceive(out IncomingDatagram datagram)
    {
        datagram = default;
        if (LoopTurn.IsBudgetSpent)
        {
            return false;
        }

        if (!ReceiveReadiness.TryConsume())
        {
            return ReceiveReadiness.IsClosed ? throw Closed(TypeNames.DatagramSocket) : false;
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
            Bytes = received.Payload.AsSpan(0, Math.Min(received.Length, _maxSize)),
            IsTruncated = received.Length > _maxSize,
            RemoteEndPoint = RemoteEndPoint ?? received.Source,
            Info = _wantsPacketInfo ? new DatagramInfo(received.Destination.Address, 1, null, null) : default,
        };
        return true;
    }

    public override bool TrySend(ReadOnlySpan<byte> bytes, EndPoint? remote)
    {
        engine.CheckThread();
        if (ReceiveReadiness.IsClosed)
        {
            throw Closed(TypeNames.DatagramSocket);
        }

        string doing = SendingTo(remote);
        ThrowIfFailed(doing);
        try
        {
            _socket!.Send(bytes, remote as IPEndPoint);
            return true;
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
    }

    private void ThrowIfFailed(string doing)
    {
        if (_socket!.TakeError() is var error and not SocketError.Success)
        {
            ReceiveReadiness.Set();
            throw SocketErrors.During(error, doing);
        }
    }
}
