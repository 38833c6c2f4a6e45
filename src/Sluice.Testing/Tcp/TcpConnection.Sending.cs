using System.Net.Sockets;
using Sluice.Testing.Kernel;

namespace Sluice.Testing.Tcp;

internal sealed partial class TcpConnection
{
    private const int MaxSegment = 1460;

    // Three duplicates mean a loss (RFC 5681, 3.2).
    private const int DuplicatesOfALoss = 3;

    // The bytes from _acknowledged on.
    private readonly ByteRing _out = new();

    // Numbers of bytes: the first that is not acknowledged, the next to be sent, the end of those that were ever sent, and of the peer's window.
    private long _acknowledged = -1;
    private long _next = -1;
    private long _sentEnd = -1;
    private long _windowEnd;
    private bool _finQueued;
    private bool _finAcknowledged;
    private bool _wantsRoom;
    private int _duplicates;

    // The earliest arrival of the next segment: those of one connection do not overtake each other.
    private long _notBefore;

    /// <summary>Gets how many bytes the peer has not acknowledged, a FIN counted as one.</summary>
    public int Unacknowledged => State == TcpState.Closed ? 0 : _out.Count + (_finQueued && !_finAcknowledged ? 1 : 0);

    private bool CanSend => State is (TcpState.Established or TcpState.CloseWait) && !_finQueued;

    // The number of the FIN, once there is one.
    private long StreamEnd => Math.Max(_acknowledged, 0) + _out.Count;

    /// <summary>Takes bytes to send, as far as there is room. <see cref="IStreamUser.OnWritable"/> follows if it took less than all.</summary>
    public int Send(ReadOnlySpan<byte> bytes, out SocketError error)
    {
        error = SocketError.Success;
        if (!CanSend)
        {
            error = TakeError();
            error = error == SocketError.Success ? SocketError.Shutdown : error;
            return 0;
        }

        int taken = Math.Min(bytes.Length, Math.Max(0, Settings.SendBufferSize - _out.Count));
        _wantsRoom = taken < bytes.Length;
        if (taken > 0)
        {
            _out.Write(bytes[..taken]);
            Transmit();
        }

        return taken;
    }

    /// <summary>Tells the peer that no more bytes follow.</summary>
    public void ShutdownOutput()
    {
        if (State is (TcpState.Established or TcpState.CloseWait) && !_finQueued)
        {
            _finQueued = true;
            State = State == TcpState.Established ? TcpState.FinWait1 : TcpState.LastAck;
            Transmit();
        }
    }

    // Sends what the peer has room for.
    private void Transmit()
    {
        while (true)
        {
            long left = StreamEnd - _next;
            if (left > 0)
            {
                int room = (int)Math.Min(_windowEnd - _next, MaxSegment);
                if (room <= 0)
                {
                    break;
                }

                TransmitOne(Stack.Network.Fragment((int)Math.Min(left, room)));
            }
            else if (_finQueued && !_finAcknowledged && left == 0)
            {
                TransmitOne(0);
            }
            else
            {
                break;
            }
        }

        ArmTimer();
    }

    private void TransmitOne(int length)
    {
        byte[] payload = length == 0 ? [] : new byte[length];
        _out.Peek((int)(_next - Math.Max(_acknowledged, 0)), payload);
        long sequence = _next;
        _next += length;
        bool fin = _finQueued && _next == StreamEnd;
        Send(fin ? TcpFlags.Fin | TcpFlags.Acknowledgement : TcpFlags.Acknowledgement, sequence, payload);
        _next += fin ? 1 : 0;
        MeasureFrom(sequence, isFirst: sequence >= _sentEnd);
        _sentEnd = Math.Max(_sentEnd, _next);
    }

    private void ReceiveAcknowledgement(TcpSegment segment)
    {
        if (segment.Acknowledged > _sentEnd || segment.Acknowledged < _acknowledged)
        {
            return;
        }

        long windowEnd = segment.Acknowledged + segment.Window;
        if (segment.Acknowledged > _acknowledged)
        {
            Advance(segment.Acknowledged);
        }
        else if (segment.Length == 0 && !segment.Has(TcpFlags.Fin) && windowEnd == _windowEnd && _sentEnd > _acknowledged)
        {
            CountDuplicate();
        }

        if (WaitsForRoom && windowEnd > _windowEnd)
        {
            ResetTimeouts();
        }

        _windowEnd = windowEnd;
        OnAlive();
        if (State != TcpState.Closed)
        {
            Transmit();
        }
    }

    private void Advance(long to)
    {
        _finAcknowledged = _finQueued && to > StreamEnd;
        _out.Discard((int)(to - _acknowledged) - (_finAcknowledged ? 1 : 0));
        _acknowledged = to;
        _next = Math.Max(_next, to);
        _duplicates = 0;
        Measure(to);
        ResetTimeouts();
        if (_finAcknowledged)
        {
            OnFinAcknowledged();
        }

        // As Linux: not before a third of the buffer is free, so that a writer is not woken for each segment (sk_stream_write_space).
        if (_wantsRoom && _out.Count <= Settings.SendBufferSize * 2 / 3)
        {
            _wantsRoom = false;
            User?.OnWritable();
        }
    }

    // A fast retransmit (RFC 5681, 3.2). The receiver has dropped what came after the lost segment, so all of that is sent again.
    private void CountDuplicate()
    {
        if (++_duplicates == DuplicatesOfALoss)
        {
            _next = _acknowledged;
            _measuredFrom = -1;
        }
    }

    // With the number after all that was ever sent: a lower one would look like a probe.
    private void SendAcknowledgement() => Send(TcpFlags.Acknowledgement, _sentEnd, []);

    // With the next bytes of this side, with the second segment of the peer, or after a time (RFC 9293, 3.8.6.3).
    private void AcknowledgeSoon()
    {
        if (_acknowledgeBy != Never)
        {
            SendAcknowledgement();
            return;
        }

        _acknowledgeBy = Now + s_acknowledgementDelay;
        ArmTimer();
    }

    private void Send(TcpFlags flags, long sequence, byte[] payload)
    {
        _acknowledgeBy = Never;
        _advertised = Window;
        var segment = new TcpSegment(Local, Remote, flags, sequence, _expected, _advertised, payload) { Flow = Flow };
        _notBefore = Stack.Send(segment, _notBefore) + 1;
    }
}
