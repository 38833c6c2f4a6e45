using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Engine.Datagrams;
using Sluice.Options;

namespace Sluice.Engine.Portable;

// A receive that a caller gave up goes on, and its datagram is the next caller's.
internal sealed partial class PortableDatagram
{
    // Nobody receives; the system does; it has.
    private const int Idle = 0;
    private const int Pending = 1;
    private const int Received = 2;

    private readonly KnownSenders _senders;
    private readonly ConnectedPeer? _peer;
    private readonly Action _onReceived;
    private readonly SocketAddress _from;
    private readonly EndPoint _anySender;
    private readonly bool _wantsPacketInfo;
    private readonly int _maxSize;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _plain;
    private ConfiguredValueTaskAwaitable<SocketReceiveMessageFromResult>.ConfiguredValueTaskAwaiter _withInfo;
    private byte[]? _buffer;
    private int _phase;

    public override bool TryReceive(out IncomingDatagram datagram)
    {
        datagram = default;
        if (Scheduling.LoopTurn.IsBudgetSpent)
        {
            return false;
        }

        if (!ReceiveReadiness.TryConsume())
        {
            if (ReceiveReadiness.IsClosed)
            {
                throw Closed(TypeNames.DatagramSocket);
            }

            return false;
        }

        Scheduling.LoopTurn.ConsumeBudget();
        switch (Interlocked.CompareExchange(ref _phase, Idle, Received))
        {
            case Idle when !TryBegin():
            case Pending:
                return false;
        }

        // The next one may be there, or begun.
        ReceiveReadiness.Set();
        return TryEnd(out datagram);
    }

    public override void ReleaseReceived()
    {
        if (Volatile.Read(ref _phase) == Idle && Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool TryBegin()
    {
        // One more than wanted shows what was cut off; and a whole IP datagram always fits, since Windows fails what does not.
        int size = Math.Max(_maxSize, DatagramSocketOptions.DefaultMaxDatagramSize) + 1;
        byte[] buffer = _buffer ??= ArrayPool<byte>.Shared.Rent(size);
        Volatile.Write(ref _phase, Pending);
        try
        {
            if (!Begin(buffer.AsMemory(0, size)))
            {
                return false;
            }

            Volatile.Write(ref _phase, Idle);
            return true;
        }
        catch (ObjectDisposedException)
        {
            Volatile.Write(ref _phase, Idle);
            throw Closed(TypeNames.DatagramSocket);
        }
        catch (SocketException exception)
        {
            Volatile.Write(ref _phase, Idle);
            ReceiveReadiness.Set();
            throw Failed(exception.SocketErrorCode, ReceivingAt);
        }
    }

    // False: the system calls back.
    private bool Begin(Memory<byte> buffer)
    {
#pragma warning disable CA2012 // Consumed once, in TryEnd; kept meanwhile, and not awaited, so that a wait allocates nothing.
        if (_wantsPacketInfo)
        {
            _withInfo = _socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, _anySender).ConfigureAwait(false).GetAwaiter();
            if (!_withInfo.IsCompleted)
            {
                _withInfo.UnsafeOnCompleted(_onReceived);
                return false;
            }
        }
        else
        {
            _from.Size = NativeAddress.MaxSize;
            _plain = _socket.ReceiveFromAsync(buffer, SocketFlags.None, _from).ConfigureAwait(false).GetAwaiter();
            if (!_plain.IsCompleted)
            {
                _plain.UnsafeOnCompleted(_onReceived);
                return false;
            }
        }
#pragma warning restore CA2012

        return true;
    }

    private void OnReceived()
    {
        _engine.BeginCallback();
        Volatile.Write(ref _phase, Received);
        if (ReceiveReadiness.IsClosed)
        {
            DropReceived();
        }

        ReceiveReadiness.Set();
        _engine.EndCallback();
    }

    // Nobody comes for it any more; but the exception has to be looked at.
    private void DropReceived()
    {
        if (Interlocked.CompareExchange(ref _phase, Idle, Received) != Received)
        {
            return;
        }

        try
        {
            TryEnd(out _);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Closed.
        }

        ReleaseReceived();
    }

    // False: it was a stranger's, of before the socket was connected.
    private bool TryEnd(out IncomingDatagram datagram)
    {
        try
        {
            if (_wantsPacketInfo)
            {
                SocketReceiveMessageFromResult result = _withInfo.GetResult();
                IPPacketInformation packet = result.PacketInformation;
                SocketAddress from = result.RemoteEndPoint.Serialize();
                var info = new DatagramInfo(EndPoints.Plain(packet.Address), packet.Interface, null, null);
                return TryTake(result.ReceivedBytes, from, info, out datagram);
            }

            return TryTake(_plain.GetResult(), _from, default, out datagram);
        }
        catch (ObjectDisposedException)
        {
            throw Closed(TypeNames.DatagramSocket);
        }
        catch (SocketException exception)
        {
            throw Failed(exception.SocketErrorCode, ReceivingAt);
        }
    }

    private bool TryTake(int received, SocketAddress from, DatagramInfo info, out IncomingDatagram datagram)
    {
        ReadOnlySpan<byte> address = from.Buffer.Span[..from.Size];
        if (_peer is not null && !_peer.IsSender(address))
        {
            datagram = default;
            return false;
        }

        datagram = new IncomingDatagram
        {
            Bytes = _buffer.AsSpan(0, Math.Min(received, _maxSize)),
            IsTruncated = received > _maxSize,
            RemoteEndPoint = _peer is not null ? _peer.Give() : RemoteEndPoint ?? _senders.Get(address),
            Info = info,
        };
        return true;
    }
}
