namespace Sluice.Testing.Tcp;

internal sealed partial class TcpConnection
{
    // Until the connection is in the listener's queue.
    private TcpListener? _listener;

    private void SendHandshake()
    {
        Send(State == TcpState.SynSent ? TcpFlags.Syn : TcpFlags.Syn | TcpFlags.Acknowledgement, -1, []);
        _next = _sentEnd = 0;
        ArmTimer();
    }

    private void ReceiveAnswer(TcpSegment segment)
    {
        // A SYN of this side: it has connected to itself, as in a simultaneous open (RFC 9293, 3.5).
        if (!segment.Has(TcpFlags.Syn) || (!segment.Has(TcpFlags.Acknowledgement) && !segment.Source.Equals(Local)))
        {
            return;
        }

        State = TcpState.Established;
        _acknowledged = 0;
        _windowEnd = segment.Window;
        ResetTimeouts();
        SendAcknowledgement();
        User?.OnConnected();
        ArmTimer();
    }

    // False if the segment is to be dropped.
    private bool TryEstablish(TcpSegment segment)
    {
        if (!segment.Has(TcpFlags.Acknowledgement) || _listener is not { } listener)
        {
            return false;
        }

        if (!listener.TryAdd(this))
        {
            // As Linux: the peer takes itself for connected, and sends again what this side drops.
            return false;
        }

        _listener = null;
        State = TcpState.Established;
        _acknowledged = 0;
        ResetTimeouts();
        return true;
    }

    private void ResendForSyn()
    {
        if (State == TcpState.SynReceived)
        {
            Send(TcpFlags.Syn | TcpFlags.Acknowledgement, -1, []);
        }
        else
        {
            SendAcknowledgement();
        }
    }
}
