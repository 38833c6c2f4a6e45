using System.Net.Sockets;

namespace Sluice.Testing.Tcp;

internal sealed partial class TcpConnection
{
    private readonly ByteRing _in = new();

    // The number of the byte that comes next.
    private long _expected;

    // The window that the peer was told last.
    private int _advertised;
    private bool _finReceived;
    private bool _inputShut;

    /// <summary>Gets a value indicating whether nothing more arrives: what was received is followed by the end, or an error.</summary>
    public bool HasInputEnded => _finReceived || State == TcpState.Closed;

    private int Window => Math.Max(0, Settings.ReceiveBufferSize - _in.Count);

    /// <summary>Takes received bytes.</summary>
    /// <returns>The number of bytes; 0 at the end of the stream; -1 with an error.</returns>
    public int Receive(Span<byte> into, out SocketError error)
    {
        error = SocketError.Success;
        if (_in.Count > 0)
        {
            int count = _in.Read(into);
            TellOfRoom();
            return count;
        }

        error = TakeError();
        if (error == SocketError.Success && !_finReceived && !_inputShut && State != TcpState.Closed)
        {
            error = SocketError.WouldBlock;
        }

        return error == SocketError.Success ? 0 : -1;
    }

    /// <summary>Ends the stream that this side reads. The connection still takes the bytes of the peer.</summary>
    public void ShutdownInput() => _inputShut = true;

    // Only once it is worth a segment (RFC 9293, 3.8.6.2.2).
    private void TellOfRoom()
    {
        if (State != TcpState.Closed && !_finReceived && _advertised < MaxSegment && Window >= Math.Min(MaxSegment, Settings.ReceiveBufferSize / 2))
        {
            SendAcknowledgement();
        }
    }

    private void ReceivePayload(TcpSegment segment)
    {
        bool hasFin = segment.Has(TcpFlags.Fin);
        if (segment.Length == 0 && !hasFin)
        {
            if (segment.Sequence < _expected)
            {
                // A probe of a peer that waits for room, or that wants to know whether this side is there.
                SendAcknowledgement();
            }

            return;
        }

        if (User is null && IsOrphaned && segment.Sequence + segment.Length > _expected)
        {
            // The bytes will not be read (RFC 1122, 4.2.2.13).
            Reset();
            return;
        }

        long skip = _expected - segment.Sequence;
        if (skip >= 0)
        {
            Take(segment, (int)Math.Min(skip, segment.Length), hasFin);
        }

        if (State == TcpState.Closed)
        {
            return;
        }

        if (skip == 0 && !hasFin && Window >= MaxSegment)
        {
            AcknowledgeSoon();
        }
        else
        {
            SendAcknowledgement();
        }
    }

    private void Take(TcpSegment segment, int skip, bool hasFin)
    {
        ReadOnlySpan<byte> payload = segment.Payload.Span[skip..];
        int count = Math.Min(payload.Length, Window);
        _in.Write(payload[..count]);
        _expected += count;
        bool ends = hasFin && !_finReceived && segment.Sequence + segment.Length == _expected;
        if (ends)
        {
            _finReceived = true;
            _expected++;
            OnFinReceived();
        }

        if (count > 0 || ends)
        {
            User?.OnReadable();
        }

        if (ends)
        {
            User?.OnPeerEnded(gone: false);
        }
    }
}
