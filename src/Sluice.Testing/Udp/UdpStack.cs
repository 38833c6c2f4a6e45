using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Links;
using Sluice.Testing.Scheduling;
using Sluice.Testing.Tcp;

namespace Sluice.Testing.Udp;

/// <summary>The UDP of a host's kernel, from its start to its crash.</summary>
internal sealed class UdpStack(SimulatedHost host, Domain domain)
{
    private readonly List<UdpSocket> _sockets = [];

    /// <summary>Opens a socket, bound or connected.</summary>
    /// <exception cref="SocketException">The address is not the host's, or in use.</exception>
    public UdpSocket Open(IPEndPoint? local, IPEndPoint? remote, TcpSettings settings, Action onReceivable)
    {
        IPAddress address = local is { } bound && !LocalPorts.IsAny(bound.Address) ? bound.Address
            : remote is not null ? host.SourceFor(remote.Address)
            : local!.Address;
        if (!LocalPorts.IsAny(address) && !host.Has(address))
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }

        bool IsFree(int port) => !_sockets.Exists(other =>
            LocalPorts.Overlap(other.Local, other.Settings, new IPEndPoint(address, port), settings) && !(settings.ReusePort && other.Settings.ReusePort));
        int port = local is { Port: > 0 } ? local.Port : LocalPorts.Pick(host.Network.Draws, IsFree);
        if (!IsFree(port))
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        var socket = new UdpSocket(this, new IPEndPoint(address, port), remote, settings, onReceivable);
        _sockets.Add(socket);
        return socket;
    }

    public void Remove(UdpSocket socket) => _sockets.Remove(socket);

    /// <summary>Gets the source of a datagram: a socket at all addresses sends from the one that fits.</summary>
    public IPEndPoint SourceOf(UdpSocket socket, IPEndPoint destination) =>
        LocalPorts.IsAny(socket.Local.Address) ? new IPEndPoint(host.SourceFor(destination.Address), socket.Local.Port) : socket.Local;

    public void Send(Packet packet)
    {
        if (domain.IsAlive)
        {
            host.Network.Send(host, packet, 0);
        }
    }

    /// <summary>Processes a datagram that has arrived.</summary>
    public void Receive(UdpDatagram datagram)
    {
        if (Find(datagram.Destination, datagram.Source) is { } socket)
        {
            socket.Receive(datagram);
        }
        else if (!host.IsBlackHole(datagram.Destination.Port))
        {
            Send(new PortUnreachable(datagram.Destination, datagram.Source));
        }
    }

    /// <summary>Processes the answer to a datagram that no socket has received.</summary>
    public void Receive(PortUnreachable message) =>
        _sockets.Find(socket => socket.Remote is { } remote && remote.Equals(message.Source) && socket.Local.Port == message.Destination.Port)?.Refuse();

    // A connected socket before one that is not.
    private UdpSocket? Find(IPEndPoint destination, IPEndPoint source) =>
        _sockets.Find(socket => LocalPorts.Covers(socket.Local, socket.Settings, destination) && source.Equals(socket.Remote))
        ?? _sockets.Find(socket => LocalPorts.Covers(socket.Local, socket.Settings, destination) && socket.Remote is null);
}
