using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Tcp;

namespace Sluice.Testing.Udp;

/// <summary>A UDP socket of a simulated kernel.</summary>
internal sealed class UdpSocket(UdpStack stack, IPEndPoint local, IPEndPoint? remote, TcpSettings settings, Action onReceivable)
{
    // About the size that Linux adds to the bytes of a datagram.
    private const int Overhead = 256;

    private readonly Queue<UdpDatagram> _queue = new();
    private SocketError _error;
    private int _queued;

    public IPEndPoint Local { get; } = local;

    public IPEndPoint? Remote { get; } = remote;

    public TcpSettings Settings { get; } = settings;

    /// <summary>Gets the number of datagrams that there was no room for.</summary>
    public uint Drops { get; private set; }

    /// <summary>Takes the error of an earlier datagram.</summary>
    public SocketError TakeError()
    {
        SocketError error = _error;
        _error = SocketError.Success;
        return error;
    }

    public UdpDatagram? TryReceive()
    {
        if (!_queue.TryDequeue(out UdpDatagram? datagram))
        {
            return null;
        }

        _queued -= Overhead + datagram.Length;
        return datagram;
    }

    /// <summary>Sends a datagram; null for the peer of a connected socket.</summary>
    /// <exception cref="SocketException">The host has no address of the family.</exception>
    public void Send(ReadOnlySpan<byte> bytes, IPEndPoint? to)
    {
        IPEndPoint destination = to ?? Remote!;
        stack.Send(new UdpDatagram(stack.SourceOf(this, destination), destination, bytes.ToArray()));
    }

    /// <summary>Queues a datagram, if there is room.</summary>
    public void Receive(UdpDatagram datagram)
    {
        if (_queued + Overhead + datagram.Length > Settings.ReceiveBufferSize)
        {
            Drops++;
            return;
        }

        _queued += Overhead + datagram.Length;
        _queue.Enqueue(datagram);
        onReceivable();
    }

    /// <summary>Notes that the peer's port is not open. As on Linux, only a connected socket hears of it (udp(7)).</summary>
    public void Refuse()
    {
        _error = SocketError.ConnectionRefused;
        onReceivable();
    }

    public void Close() => stack.Remove(this);
}
