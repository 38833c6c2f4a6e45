using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Scheduling;

namespace Sluice.Engine.Portable;

// Receiving. A receive outlives a caller that gives up, and the next caller gets its datagram.
internal sealed partial class PortableDatagram
{
    private readonly KnownSenders _senders;
    private readonly ConnectedPeer? _peer;
    private readonly Action _onReceived;
    private readonly SocketAddress _from;
    private readonly EndPoint _anySender;
    private readonly bool _wantsPacketInfo;
    private readonly int _maxSize;

    // One of the two is used: the first without packet information, the second with it.
    private PendingOperation<int> _receive;
    private PendingOperation<SocketReceiveMessageFromResult> _receiveInfo;

    // The memory of the receive. Of the receiver, or of the thread that has claimed the result of a closed socket. ReleaseReceived exchanges it.
    private byte[]? _buffer;

    public override bool TryReceive(out IncomingDatagram datagram)
    {
        datagram = default;
        if (LoopTurn.IsBudgetSpent)
        {
            return false;
        }

        if (!ReceiveReadiness.TryConsume())
        {
            if (ReceiveReadiness.IsClosed)
            {
                throw Closed();
            }

            return false;
        }

        LoopTurn.ConsumeBudget();
        if (!TryClaim() && !TryBegin())
        {
            return false;
        }

        // Re-arm: the next datagram may be there.
        ReceiveReadiness.Set();
        return TryEnd(out datagram);
    }

    public override void ReleaseReceived()
    {
        if ((_wantsPacketInfo ? _receiveInfo.IsIdle : _receive.IsIdle) && Interlocked.Exchange(ref _buffer, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool TryClaim() => _wantsPacketInfo ? _receiveInfo.TryClaim() : _receive.TryClaim();

    // Begins a receive unless one is under way. True if it has completed at once.
    private bool TryBegin()
    {
        if (!(_wantsPacketInfo ? _receiveInfo.IsIdle : _receive.IsIdle))
        {
            return false;
        }

        // One byte more than the limit shows a truncation. And a whole IP datagram fits, because Windows fails the receive of a longer one
        // (WSAEMSGSIZE).
        int size = Math.Max(_maxSize, DatagramSocketOptions.DefaultMaxDatagramSize) + 1;
        Memory<byte> buffer = (_buffer ??= ArrayPool<byte>.Shared.Rent(size)).AsMemory(0, size);
        try
        {
            if (_wantsPacketInfo)
            {
                return _receiveInfo.TryBegin(_socket.ReceiveMessageFromAsync(buffer, SocketFlags.None, _anySender), _onReceived);
            }

            _from.Size = NativeAddress.MaxSize;
            return _receive.TryBegin(_socket.ReceiveFromAsync(buffer, SocketFlags.None, _from), _onReceived);
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }
        catch (SocketException exception)
        {
            ReceiveReadiness.Set();
            throw Failed(exception.SocketErrorCode, ReceivingAt);
        }
        catch
        {
            ReceiveReadiness.Set();
            throw;
        }
    }

    private void OnReceived()
    {
        _engine.BeginCallback();
        if (_wantsPacketInfo)
        {
            _receiveInfo.Complete();
        }
        else
        {
            _receive.Complete();
        }

        if (ReceiveReadiness.IsClosed)
        {
            DropReceived();
        }

        ReceiveReadiness.Set();
        _engine.EndCallback();
    }

    // Takes the result of a receive that no caller will take, so that the framework can use its objects again.
    private void DropReceived()
    {
        if (!TryClaim())
        {
            return;
        }

        try
        {
            TryEnd(out _);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The socket is closed.
        }

        ReleaseReceived();
    }

    // False if the datagram is not from the peer; see ConnectedPeer.
    private bool TryEnd(out IncomingDatagram datagram)
    {
        try
        {
            if (_wantsPacketInfo)
            {
                SocketReceiveMessageFromResult result = _receiveInfo.TakeResult();
                IPPacketInformation packet = result.PacketInformation;
                SocketAddress from = result.RemoteEndPoint.Serialize();
                var info = new DatagramInfo(EndPoints.Plain(packet.Address), packet.Interface, null, null);
                return TryTake(result.ReceivedBytes, from, info, out datagram);
            }

            return TryTake(_receive.TakeResult(), _from, default, out datagram);
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
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
            RemoteEndPoint = _peer is not null ? _peer.GetEndPoint() : RemoteEndPoint ?? _senders.Get(address),
            Info = info,
        };
        return true;
    }
}
