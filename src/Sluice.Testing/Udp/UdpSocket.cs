using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Kernel;
using Sluice.Testing.Tcp;

namespace Sluice.Testing.Udp;

/// <summary>A UDP socket of a simulated kernel.</summary>
internal sealed class UdpSocket(UdpStack stack, IPEndPoint local, IPEndPoint? remote, TcpSettings settings, UdpFlags flags, Action onReceivable) : IDatagramSocket
{
    // About the size that Linux adds to the bytes of a datagram.
    private const int Overhead = 256;

    private readonly Queue<UdpDatagram> _queue = new();
    private SocketError _error;
    private int _queued;

    public IPEndPoint Local { get; } = local;

    EndPoint IDatagramSocket.Local => Local;

    public IPEndPoint? Remote { get; } = remote;

    public TcpSettings Settings { get; } = settings;

    public UdpFlags Flags { get; } = flags;

    /// <summary>Gets the groups that it is in.</summary>
    public UdpGroups Groups { get; } = new();

    /// <summary>Gets the number of datagrams that there was no room for.</summary>
    public uint Drops { get; private set; }

    /// <summary>Takes the error of an earlier datagram.</summary>
    public SocketError TakeError()
    {
        SocketError error = _error;
        _error = SocketError.Success;
        return error;
    }

    public ReceivedDatagram? TryReceive()
    {
        if (!_queue.TryDequeue(out UdpDatagram? datagram))
        {
            return null;
        }

        _queued -= Overhead + datagram.Length;
        return new ReceivedDatagram(datagram.Payload, datagram.Source, datagram.Destination.Address, datagram.Interface);
    }

    /// <summary>Sends a datagram; null for the peer of a connected socket.</summary>
    /// <exception cref="SocketException">The host has no address of the family, or the socket may not broadcast.</exception>
    public bool TrySend(ReadOnlySpan<byte> bytes, EndPoint? to)
    {
        stack.Send(this, bytes.ToArray(), to as IPEndPoint ?? Remote ?? throw new SocketException((int)SocketError.DestinationAddressRequired));
        return true;
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
