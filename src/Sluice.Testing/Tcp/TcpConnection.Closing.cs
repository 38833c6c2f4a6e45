namespace Sluice.Testing.Tcp;

internal sealed partial class TcpConnection
{
    // The socket was closed, and the kernel goes on alone.
    private bool IsOrphaned { get; set; }

    /// <summary>Closes the socket.</summary>
    public void Close()
    {
        User = null;
        if (State is TcpState.SynSent)
        {
            Forget();
        }
        else if (State != TcpState.Closed)
        {
            CloseConnected();
        }
    }

    /// <summary>Ends the connection at once, and tells the peer.</summary>
    public void Reset()
    {
        if (State is TcpState.Closed)
        {
            return;
        }

        if (State is not TcpState.SynSent)
        {
            Send(TcpFlags.Reset | TcpFlags.Acknowledgement, _sentEnd, []);
        }

        Forget();
    }

    private void CloseConnected()
    {
        // Unread bytes are lost, and the peer has to know (RFC 2525, 2.17).
        if (_in.Count > 0 || (Settings.LingerSeconds == 0 && State is not (TcpState.TimeWait or TcpState.FinWait2)))
        {
            Reset();
            return;
        }

        IsOrphaned = true;
        ShutdownOutput();
        ArmTimer();
    }

    private void OnFinReceived()
    {
        switch (State)
        {
            case TcpState.Established:
                State = TcpState.CloseWait;
                break;
            case TcpState.FinWait1:
                State = TcpState.Closing;
                break;
            case TcpState.FinWait2:
                EnterTimeWait();
                break;
        }
    }

    private void OnFinAcknowledged()
    {
        switch (State)
        {
            case TcpState.FinWait1:
                State = TcpState.FinWait2;
                break;
            case TcpState.Closing:
                EnterTimeWait();
                break;
            case TcpState.LastAck:
                Forget();
                User?.OnPeerEnded(gone: true);
                break;
        }
    }

    private void EnterTimeWait()
    {
        State = TcpState.TimeWait;
        _timeWaitUntil = Now + s_timeWait;
        ArmTimer();
        User?.OnPeerEnded(gone: true);
    }
}
