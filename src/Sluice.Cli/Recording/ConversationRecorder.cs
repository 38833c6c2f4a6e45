using System.Net;

namespace Sluice.Cli.Recording;

/// <summary>Records one connection as TCP segments, or one peer's datagrams.</summary>
internal sealed class ConversationRecorder
{
    // Less than the 65,535 bytes of a packet without its headers.
    private const int MaxSegment = 65_000;

    // Guards all below: both directions are recorded at the same time.
    private readonly Lock _lock = new();
    private readonly Recorder _recorder;
    private readonly IPEndPoint _client;
    private readonly IPEndPoint _server;
    private readonly bool _isDatagrams;
    private uint _fromClient = 1;
    private uint _fromServer = 1;
    private bool _ended;

    public ConversationRecorder(Recorder recorder, IPEndPoint client, IPEndPoint server, bool isDatagrams)
    {
        (_recorder, _client, _server, _isDatagrams) = (recorder, client, server, isDatagrams);
        if (!isDatagrams)
        {
            _recorder.Write(IpPacket.OfTcp(client, server, 0, 0, TcpFlags.Syn, []));
            _recorder.Write(IpPacket.OfTcp(server, client, 0, 1, TcpFlags.Syn | TcpFlags.Ack, []));
            _recorder.Write(IpPacket.OfTcp(client, server, 1, 1, TcpFlags.Ack, []));
        }
    }

    /// <summary>Records bytes of one direction.</summary>
    public void Add(bool fromClient, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isDatagrams)
            {
                _recorder.Write(fromClient ? IpPacket.OfUdp(_client, _server, bytes) : IpPacket.OfUdp(_server, _client, bytes));
                return;
            }

            for (; !bytes.IsEmpty; bytes = bytes[Math.Min(MaxSegment, bytes.Length)..])
            {
                Write(fromClient, TcpFlags.Psh | TcpFlags.Ack, bytes[..Math.Min(MaxSegment, bytes.Length)]);
            }
        }
    }

    /// <summary>Records the end of one direction.</summary>
    public void End(bool fromClient)
    {
        lock (_lock)
        {
            if (!_isDatagrams)
            {
                Write(fromClient, TcpFlags.Fin | TcpFlags.Ack, []);
            }
        }
    }

    /// <summary>Records that the connection was reset.</summary>
    public void Reset()
    {
        lock (_lock)
        {
            if (!_isDatagrams && !_ended)
            {
                Write(fromClient: false, TcpFlags.Rst | TcpFlags.Ack, []);
                _ended = true;
            }
        }
    }

    private void Write(bool fromClient, TcpFlags flags, ReadOnlySpan<byte> bytes)
    {
        uint count = (uint)bytes.Length + (flags.HasFlag(TcpFlags.Fin) ? 1u : 0u);
        if (fromClient)
        {
            _recorder.Write(IpPacket.OfTcp(_client, _server, _fromClient, _fromServer, flags, bytes));
            _fromClient += count;
        }
        else
        {
            _recorder.Write(IpPacket.OfTcp(_server, _client, _fromServer, _fromClient, flags, bytes));
            _fromServer += count;
        }
    }
}
