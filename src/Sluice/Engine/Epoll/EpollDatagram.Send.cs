using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

// Sending. The datagrams of a turn are sent together when it ends, but only those to an address to which the kernel has sent one as long before:
// the call for the first one gets the kernel's error itself. If the kernel refuses a deferred one, for example because a route has gone, the next
// call gets the error: a send, and on a connected socket also a receive, which may wait for the answer to the datagram.
internal sealed partial class EpollDatagram : IDeferredFlush
{
    // To copy a longer one costs about as much as the system call that deferring saves.
    private const int MaxDeferred = 2048;

    private readonly bool _isIp;
    private readonly Lock _sendLock = new();

    // Under _sendLock, all of them.
    private readonly AddressCache<int> _fitting = new();
    private SendBatch? _deferred;
    private LoopTurn? _deferredTo;
    private WriteReadiness _room;
    private int _maxSegment;

    // The error of a deferred datagram, for the next call. Written under _sendLock, exchanged by the call that gets it.
    private int _failed;

    // The address of the last datagram, and the length of the longest one that the kernel has sent there.
    private NativeAddress _lastAddress;
    private int _lastFitting = -1;

    IDeferredFlush? IDeferredFlush.NextDeferred { get; set; }

    public override bool TrySend(ReadOnlySpan<byte> bytes, EndPoint? remote)
    {
        NativeAddress address = default;
        if (remote is not null)
        {
            address.Set(remote, Family);
        }

        lock (_sendLock)
        {
            BeginSend();
            if (_room.IsFull)
            {
                return false;
            }

            LoopTurn? turn = _isIp && bytes.Length <= MaxDeferred ? LoopTurn.Current : null;
            bool isKnown = turn is not null && IsKnownToFit(address, bytes.Length);
            if (_deferred is not null && (!isKnown || _deferredTo != turn) && !FlushDeferredNow())
            {
                return false;
            }

            // Not behind the datagrams of another turn, which may end late.
            if (isKnown && (_deferredTo is null || _deferredTo == turn))
            {
                return TryDefer(turn!, address, bytes);
            }

            if (!TrySendDatagram(address, bytes))
            {
                return false;
            }

            if (turn is not null)
            {
                RememberFit(address, bytes.Length);
            }

            return true;
        }
    }

    public override int TrySend(ReadOnlySpan<OutgoingDatagram> datagrams)
    {
        lock (_sendLock)
        {
            BeginSend();
            if (_room.IsFull || (_deferred is not null && !FlushDeferredNow()))
            {
                return 0;
            }

            SendBatch batch = _engine.Datagrams.RentSend();
            try
            {
                return SendAll(batch, datagrams);
            }
            finally
            {
                _engine.Datagrams.Return(batch);
            }
        }
    }

    void IDeferredFlush.FlushDeferred(IScheduler scheduler)
    {
        lock (_sendLock)
        {
            _deferredTo = null;
            if (_deferred is not null && !_room.IsFull)
            {
                FlushDeferredNow();
            }
        }
    }

    private void OnWritable()
    {
        lock (_sendLock)
        {
            if (!_room.IsFull || _room.IsClosed)
            {
                return;
            }

            _room.SetRoom();
            _loop.Modify(_handle, this, ReceiveEvents);
            if (_deferred is not null)
            {
                FlushDeferredNow();
            }
        }

        SendReadiness.Set();
    }

    // Sends the deferred datagrams, or drops them where there is no room.
    private void CloseSending()
    {
        lock (_sendLock)
        {
            if (_deferred is not null)
            {
                FlushDeferredNow();
            }

            _room.Close();
            _deferred = null;
        }
    }

    private void ClearPathCache()
    {
        lock (_sendLock)
        {
            _fitting.Clear();
            _lastFitting = -1;
        }
    }

    private void BeginSend()
    {
        if (_room.IsClosed)
        {
            throw Closed();
        }

        ThrowIfDeferredFailed();
    }

    private bool IsKnownToFit(in NativeAddress address, int length)
    {
        if (_lastFitting < 0 || !_lastAddress.Bytes.SequenceEqual(address.Bytes))
        {
            _lastAddress = address;
            _lastFitting = _fitting.TryGet(address.Bytes, out int fitting) ? fitting : -1;
        }

        return length <= _lastFitting;
    }

    private void RememberFit(in NativeAddress address, int length)
    {
        _fitting.Set(address.Bytes, length);
        _lastAddress = address;
        _lastFitting = length;
    }

    private bool TryDefer(LoopTurn turn, in NativeAddress address, ReadOnlySpan<byte> bytes)
    {
        _deferred ??= _engine.Datagrams.RentSend();
        if (!_deferred.TryAdd(address, bytes, _maxSegment))
        {
            if (!FlushDeferredNow())
            {
                return false;
            }

            LoopTurn.ConsumeBudget();
            _deferred = _engine.Datagrams.RentSend();
            _deferred.TryAdd(address, bytes, _maxSegment);
        }

        if (_deferredTo is null)
        {
            _deferredTo = turn;
            if (!LoopTurn.TryDefer(this))
            {
                _deferredTo = null;
                FlushDeferredNow();
            }
        }

        return true;
    }

    // False if the socket is full and datagrams are left. A failure is kept for the next call.
    private bool FlushDeferredNow()
    {
        SendBatch batch = _deferred!;
        bool isRetry = false;
        using DescriptorLease lease = LeaseForTry();
        while (true)
        {
            int sent = batch.Send(lease.Descriptor, ref _maxSegment, out int errno);
            if (errno == 0)
            {
                break;
            }

            if (errno == Errno.Again)
            {
                WaitForRoom();
                return false;
            }

            // Linux reports an ICMP error about an earlier datagram once, in place of sending the next one (udp(7)).
            Fail(errno);
            isRetry = errno == Errno.ConnectionRefused && (!isRetry || sent > 0);
            if (!isRetry)
            {
                batch.DropFirst();
            }
        }

        _deferred = null;
        _engine.Datagrams.Return(batch);
        return true;
    }

    private void Fail(int errno)
    {
        Volatile.Write(ref _failed, (int)Errno.ToSocketError(errno));
        _fitting.Clear();
        _lastFitting = -1;
        if (RemoteEndPoint is not null)
        {
            ReceiveReadiness.Set();
        }
    }

    private void ThrowIfDeferredFailed()
    {
        if (Volatile.Read(ref _failed) != 0 && (SocketError)Interlocked.Exchange(ref _failed, 0) is var failed and not SocketError.Success)
        {
            throw SocketErrors.During(failed, SendingTo(null));
        }
    }

    private unsafe bool TrySendDatagram(in NativeAddress address, ReadOnlySpan<byte> bytes)
    {
        using DescriptorLease lease = LeaseForTry();
        int errno;

        // SAFETY: both are pinned for the calls, which only read them.
        fixed (byte* start = bytes)
        fixed (byte* to = address.Bytes)
        {
            nint sent;
            do
            {
                sent = Libc.SendTo(
                    lease.Descriptor, start, (nuint)bytes.Length, LinuxConstants.MsgDontWait | LinuxConstants.MsgNoSignal, to, (uint)address.Length);
            }
            while (Errno.IsInterrupted(sent, out errno));
        }

        if (errno == Errno.Again)
        {
            WaitForRoom();
            return false;
        }

        return errno == 0
            ? true
            : throw SocketErrors.During(Errno.ToSocketError(errno), SendingTo(address.Length > 0 ? SocketAddresses.Parse(address.Bytes, Family) : null));
    }

    private int SendAll(SendBatch batch, ReadOnlySpan<OutgoingDatagram> datagrams)
    {
        int sent = 0;
        int added = 0;
        while (sent < datagrams.Length)
        {
            NativeAddress address = default;
            while (added < datagrams.Length)
            {
                if (datagrams[added].RemoteEndPoint is { } remote)
                {
                    address.Set(remote, Family);
                }

                if (!batch.TryAdd(address, datagrams[added].Payload.Span, _maxSegment))
                {
                    break;
                }

                added++;
            }

            if (added == sent)
            {
                // Longer than a batch. Only a Unix domain datagram can be: the length of others was checked.
                NativeAddress to = address;
                if (!TrySendDatagram(to, datagrams[added].Payload.Span))
                {
                    return sent;
                }

                sent = ++added;
                continue;
            }

            if (!TrySendBatch(batch, datagrams[0].RemoteEndPoint, ref sent))
            {
                return sent;
            }
        }

        return sent;
    }

    private bool TrySendBatch(SendBatch batch, EndPoint? first, ref int sent)
    {
        using DescriptorLease lease = LeaseForTry();
        sent += batch.Send(lease.Descriptor, ref _maxSegment, out int errno);
        if (errno == Errno.Again)
        {
            WaitForRoom();
        }
        else if (errno != 0 && sent == 0)
        {
            throw SocketErrors.During(Errno.ToSocketError(errno), SendingTo(first));
        }

        return errno == 0;
    }

    private DescriptorLease LeaseForTry()
    {
        _room.BeginTry();
        return Lease();
    }

    private DescriptorLease Lease()
    {
        try
        {
            return _handle.Lease();
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }
    }

    // EPOLL_CTL_MOD reports room that has come since the try as an event at once (epoll_ctl(2)).
    private void WaitForRoom()
    {
        _room.SetFull();
        _loop.Modify(_handle, this, ReceiveEvents | LinuxConstants.EpollOut);
    }
}
