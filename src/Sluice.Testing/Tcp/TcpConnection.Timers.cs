using System.Net.Sockets;

namespace Sluice.Testing.Tcp;

// One timer for all that a connection waits for: an acknowledgement, room, a sign of life, or its end.
internal sealed partial class TcpConnection
{
    // The limits of Linux (tcp(7)): tcp_syn_retries, tcp_synack_retries, tcp_retries2, tcp_orphan_retries, tcp_fin_timeout, and TCP_TIMEWAIT_LEN.
    private const int SynRetries = 6;
    private const int SynAckRetries = 5;
    private const int Retries = 15;
    private const int OrphanRetries = 8;

    private const long Never = long.MaxValue;

    // The delay of an acknowledgement (TCP_DELACK_MIN).
    private static readonly long s_acknowledgementDelay = TimeSpan.FromMilliseconds(40).Ticks;
    private static readonly long s_timeWait = TimeSpan.FromSeconds(60).Ticks;
    private static readonly long s_leastTimeout = TimeSpan.FromMilliseconds(200).Ticks;
    private static readonly long s_mostTimeout = TimeSpan.FromSeconds(120).Ticks;
    private static readonly long s_firstTimeout = TimeSpan.FromSeconds(1).Ticks;

    private readonly TcpTimer _timer;

    // When an acknowledgement that is delayed is due, and what else the timer waits for.
    private long _acknowledgeBy = Never;
    private long _due = Never;

    // The retransmission timeout by itself and with the back-off, and the round trip that it comes from (RFC 6298).
    private long _baseTimeout = s_firstTimeout;
    private long _timeout = s_firstTimeout;
    private long _smoothed;
    private long _variation;

    // The byte whose round trip is being measured, -1 for none, and when it was sent.
    private long _measuredFrom = -1;
    private long _measuredAt;

    // The number of timeouts in a row, since when the connection waits for the next one (-1: it does not), and since when there was no progress.
    private int _retries;
    private long _waitsSince = -1;
    private long _stalledSince;

    // The number of keep-alive probes without an answer.
    private int _probes;
    private long _lastHeard;
    private long _timeWaitUntil;

    private bool WaitsForAcknowledgement => _acknowledged < _sentEnd;

    private bool WaitsForRoom => StreamEnd > _next && _windowEnd <= _next;

    /// <summary>Does what is due. Called by the timer.</summary>
    internal void OnTimer()
    {
        if (State is TcpState.Closed || !Stack.IsAlive)
        {
            return;
        }

        if (_acknowledgeBy <= Now)
        {
            SendAcknowledgement();
        }

        if (_due <= Now)
        {
            OnDue();
        }

        if (State != TcpState.Closed)
        {
            ArmTimer();
        }
    }

    private void OnDue()
    {
        if (State == TcpState.TimeWait || (IsOrphaned && State == TcpState.FinWait2))
        {
            Forget();
        }
        else if (WaitsForAcknowledgement || WaitsForRoom)
        {
            OnNoAnswer();
        }
        else
        {
            ProbeIdle();
        }
    }

    private void ArmTimer()
    {
        _due = State switch
        {
            TcpState.Closed => Never,
            TcpState.TimeWait => _timeWaitUntil,
            TcpState.FinWait2 when IsOrphaned => Now + s_timeWait,
            _ when WaitsForAcknowledgement || WaitsForRoom => RetryAt(),
            _ when Settings.KeepAlive && !IsOrphaned => Math.Max(Now, _lastHeard) + (_probes == 0 ? Settings.KeepAliveTime : Settings.KeepAliveInterval).Ticks,
            _ => Never,
        };
        long next = Math.Min(_due, _acknowledgeBy);
        if (next != Never)
        {
            _timer.Set(Stack.Network.Agenda, next);
        }
        else
        {
            _timer.Cancel();
        }
    }

    private long RetryAt()
    {
        if (_waitsSince < 0)
        {
            _waitsSince = _stalledSince = Now;
        }

        long due = _waitsSince + _timeout;
        return Settings.UserTimeout > TimeSpan.Zero ? Math.Min(due, _stalledSince + Settings.UserTimeout.Ticks) : due;
    }

    private void OnNoAnswer()
    {
        _retries++;
        int most = State switch
        {
            TcpState.SynSent => SynRetries,
            TcpState.SynReceived => SynAckRetries,
            _ => IsOrphaned ? OrphanRetries : Retries,
        };
        if (_retries > most || (Settings.UserTimeout > TimeSpan.Zero && Now - _stalledSince >= Settings.UserTimeout.Ticks))
        {
            Fail(SocketError.TimedOut);
            return;
        }

        _timeout = Math.Min(_timeout * 2, s_mostTimeout);
        _waitsSince = Now;
        _measuredFrom = -1;
        SendAgain();
    }

    private void SendAgain()
    {
        if (State is TcpState.SynSent or TcpState.SynReceived)
        {
            SendHandshake();
        }
        else if (WaitsForAcknowledgement)
        {
            _next = _acknowledged;
            TransmitOne((int)Math.Min(_out.Count, MaxSegment));
        }
        else
        {
            SendProbe();
        }
    }

    private void ProbeIdle()
    {
        if (!Settings.KeepAlive)
        {
            return;
        }

        if (_probes >= Settings.KeepAliveCount)
        {
            Fail(SocketError.TimedOut);
            return;
        }

        _probes++;
        _lastHeard = Now;
        SendProbe();
    }

    // A byte that the peer has: it answers with what it expects, and how much room it has.
    private void SendProbe() => Send(TcpFlags.Acknowledgement, _sentEnd - 1, []);

    private void OnAlive()
    {
        _probes = 0;
        _lastHeard = Now;
        if (!WaitsForAcknowledgement)
        {
            // A peer without room that answers probes is there.
            _retries = 0;
            _stalledSince = Now;
        }
    }

    private void ResetTimeouts()
    {
        _retries = 0;
        _timeout = _baseTimeout;
        _waitsSince = -1;
    }

    private void MeasureFrom(long sequence, bool isFirst)
    {
        if (_measuredFrom < 0 && isFirst)
        {
            _measuredFrom = sequence;
            _measuredAt = Now;
        }
    }

    private void Measure(long acknowledged)
    {
        if (_measuredFrom < 0 || acknowledged <= _measuredFrom)
        {
            return;
        }

        long roundTrip = Now - _measuredAt;
        _measuredFrom = -1;
        _variation = _smoothed == 0 ? roundTrip / 2 : ((3 * _variation) + Math.Abs(_smoothed - roundTrip)) / 4;
        _smoothed = _smoothed == 0 ? roundTrip : ((7 * _smoothed) + roundTrip) / 8;
        _baseTimeout = Math.Clamp(_smoothed + Math.Max(4 * _variation, s_leastTimeout), s_leastTimeout, s_mostTimeout);
    }
}
