using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollDatagram
{
    // How many datagrams that are in memory already cost as much of a turn's budget as one system call.
    private const int DatagramsPerBudgetUnit = 16;

    // All fields are those of the receiver, of which there is one at a time.
    private readonly KnownSenders _senders;
    private readonly ConnectedPeer? _peer;
    private readonly AddressCache<IPAddress> _localAddresses = new();
    private readonly int _batchCount;
    private readonly int _batchSize;
    private readonly bool _wantsAddresses;
    private bool _wantsControl;

    // A batch of a size that the pool does not have. Kept until the socket is closed.
    private ReceiveBatch? _own;

    // The messages that were received, from _index to _received. The first of them counts from _offset.
    private ReceiveBatch? _batch;
    private int _received;
    private int _index;
    private int _offset;
    private int _handedOut;

    // Of the message at _index.
    private DatagramInfo _info;
    private int _segmentSize;

    public override bool TryReceive(out IncomingDatagram datagram)
    {
        if (LoopTurn.IsBudgetSpent || (_index == _received && !TryFill()))
        {
            datagram = default;
            if (_index < _received)
            {
                // Re-arm: only the budget is used up, and no event follows for datagrams that are in memory.
                ReceiveReadiness.Set();
            }

            return false;
        }

        Take(out datagram);
        if (++_handedOut % DatagramsPerBudgetUnit == 0)
        {
            LoopTurn.ConsumeBudget();
        }

        return true;
    }

    public override void ReleaseReceived()
    {
        if (_batch is { } batch && _index == _received)
        {
            _batch = null;
            if (batch != _own)
            {
                _engine.Datagrams.Return(batch);
            }
        }
    }

    private ReceiveBatch Rent() =>
        (_batchCount, _batchSize) is (DatagramSocketOptions.DefaultReceiveBatchSize, DatagramSocketOptions.DefaultMaxDatagramSize)
            ? _engine.Datagrams.RentReceive()
            : _own ??= new ReceiveBatch(_batchCount, _batchSize);

    private ReceiveBatch RentOrRearm()
    {
        try
        {
            return Rent();
        }
        catch
        {
            // No memory: the signal is consumed, and no other comes for the datagrams that are there.
            ReceiveReadiness.Set();
            throw;
        }
    }

    private bool TryFill()
    {
        if (!ReceiveReadiness.TryConsume())
        {
            if (ReceiveReadiness.IsClosed)
            {
                throw Closed();
            }

            return false;
        }

        LoopTurn.ConsumeBudget();
        if (RemoteEndPoint is not null && Volatile.Read(ref _failed) != 0)
        {
            // Re-arm: there may be datagrams as well.
            ReceiveReadiness.Set();
            ThrowIfDeferredFailed();
            return false;
        }

        ReceiveBatch batch = _batch ??= RentOrRearm();
        int received = Receive(batch, out SocketError error);
        (_index, _offset, _received) = (0, 0, Math.Max(received, 0));
        if (received == batch.Count || (received < 0 && error != SocketError.WouldBlock))
        {
            // Re-arm: there may be more. After fewer than asked for the queue is empty, and the next datagram is an edge.
            ReceiveReadiness.Set();
        }

        if (received > 0 && TryBeginMessage(batch))
        {
            return true;
        }

        ReleaseReceived();
        return received > 0 || error == SocketError.WouldBlock ? false : throw SocketErrors.During(error, ReceivingAt);
    }

    private int Receive(ReceiveBatch batch, out SocketError error)
    {
        using DescriptorLease lease = Lease();
        int received;
        int errno;
        do
        {
            received = batch.Receive(lease.Descriptor, _wantsAddresses, _wantsControl);
        }
        while (Errno.IsInterrupted(received, out errno));
        error = Errno.ToSocketError(errno);
        return received;
    }

    // Begins the message at _index, or the first one after it that the peer has sent. False if there is none.
    private bool TryBeginMessage(ReceiveBatch batch)
    {
        while (_peer is not null && !_peer.IsSender(batch.Address(_index)))
        {
            if (++_index == _received)
            {
                return false;
            }
        }

        _offset = 0;
        _segmentSize = 0;
        if (_wantsControl && batch.Control(_index) is { Length: > 0 } bytes)
        {
            var control = ControlData.Parse(bytes);
            _segmentSize = control.SegmentSize;
            _info = control.Info(_localAddresses);
        }
        else
        {
            _info = default;
        }

        return true;
    }

    private void Take(out IncomingDatagram datagram)
    {
        ReceiveBatch batch = _batch!;
        ReadOnlySpan<byte> bytes = batch.Bytes(_index)[_offset..];
        bool isLast = _segmentSize == 0 || bytes.Length <= _segmentSize;
        if (_info.LocalAddress is not null)
        {
            // The caller of the datagram before may have changed the address object.
            _info = ControlData.Parse(batch.Control(_index)).Info(_localAddresses);
        }

        datagram = new IncomingDatagram
        {
            Bytes = isLast ? bytes : bytes[.._segmentSize],
            RemoteEndPoint = _peer is not null ? _peer.GetEndPoint() : RemoteEndPoint ?? _senders.Get(batch.Address(_index)),
            Info = _info,
            IsTruncated = isLast && batch.IsTruncated(_index),
        };
        _offset += datagram.Bytes.Length;
        if (isLast && ++_index < _received)
        {
            TryBeginMessage(batch);
        }
    }
}
