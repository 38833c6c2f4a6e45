using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Links;
using Sluice.Testing.Scheduling;
using Sluice.Testing.Tcp;

namespace Sluice.Testing.Udp;

/// <summary>The UDP of a host's kernel, from its start to its crash.</summary>
internal sealed class UdpStack(SimulatedHost host, Domain domain)
{
    private const int MaxPayloadOfIPv6 = 65_527;

    private readonly List<UdpSocket> _sockets = [];

    /// <summary>Opens a socket, bound or connected.</summary>
    /// <exception cref="SocketException">The address is not the host's, or in use.</exception>
    public UdpSocket Open(IPEndPoint? local, IPEndPoint? remote, TcpSettings settings, UdpFlags flags, Action onReceivable)
    {
        IPAddress address = local is { } bound && !LocalPorts.IsAny(bound.Address) ? bound.Address
            : remote is not null ? host.SourceFor(remote.Address)
            : local!.Address;
        if (!LocalPorts.IsAny(address) && !UdpAddresses.IsMany(address) && !host.Has(address))
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }

        if (remote is not null && UdpAddresses.IsBroadcast(remote.Address) && !flags.Broadcast)
        {
            throw new SocketException((int)SocketError.AccessDenied);
        }

        bool IsFree(int port) => !_sockets.Exists(other =>
            LocalPorts.Overlap(other.Local, other.Settings, new IPEndPoint(address, port), settings)
            && !(settings.ReusePort && other.Settings.ReusePort) && !(settings.ReuseAddress && other.Settings.ReuseAddress));
        int port = local is { Port: > 0 } ? local.Port : LocalPorts.Pick(host.Network.Draws, IsFree);
        if (!IsFree(port))
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        var socket = new UdpSocket(this, new IPEndPoint(address, port), remote, settings, flags, onReceivable);
        _sockets.Add(socket);
        domain.OpenSockets++;
        return socket;
    }

    public void Remove(UdpSocket socket) => domain.OpenSockets -= _sockets.Remove(socket) ? 1 : 0;

    /// <summary>Sends a datagram.</summary>
    /// <exception cref="SocketException">The host has no address of the family, the socket may not broadcast, or the datagram is too long.</exception>
    public void Send(UdpSocket socket, byte[] bytes, IPEndPoint destination)
    {
        destination = LocalPorts.ToDestination(destination);
        if (bytes.Length > (destination.AddressFamily == AddressFamily.InterNetworkV6 ? MaxPayloadOfIPv6 : DatagramSocket.MaxUdpPayload))
        {
            throw new SocketException((int)SocketError.MessageSize);
        }

        if (UdpAddresses.IsMany(destination.Address))
        {
            SendToMany(socket, bytes, destination);
            return;
        }

        IPAddress to = destination.Address;
        Send(new UdpDatagram(SourceOf(socket, to), destination, bytes) { Interface = host.Has(to) ? UdpAddresses.Loopback : UdpAddresses.Network });
    }

    /// <summary>Processes a datagram that has arrived.</summary>
    public void Receive(UdpDatagram datagram)
    {
        if (UdpAddresses.IsMany(datagram.Destination.Address))
        {
            foreach (UdpSocket member in _sockets.FindAll(socket => IsFor(socket, datagram)))
            {
                member.Receive(datagram);
            }
        }
        else if (Find(datagram.Destination, datagram.Source) is { } socket)
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

    private static bool IsFor(UdpSocket socket, UdpDatagram datagram) =>
        LocalPorts.Covers(socket.Local, socket.Settings, datagram.Destination)
        && (socket.Remote is null || socket.Remote.Equals(datagram.Source))
        && (UdpAddresses.IsBroadcast(datagram.Destination.Address) || socket.Groups.Has(datagram.Destination.Address, datagram.Source.Address, datagram.Interface));

    // A switch that knows which hosts are in a group (RFC 4541).
    private bool Wants(IPAddress group, int at) => _sockets.Exists(socket => UdpAddresses.IsBroadcast(group) || socket.Groups.Has(group, at));

    // A copy for each host, which takes its own way there.
    private void SendToMany(UdpSocket socket, byte[] bytes, IPEndPoint destination)
    {
        IPAddress group = UdpAddresses.WithoutScope(destination.Address);
        bool isBroadcast = UdpAddresses.IsBroadcast(group);
        if (isBroadcast && !socket.Flags.Broadcast)
        {
            throw new SocketException((int)SocketError.AccessDenied);
        }

        int at = group.Equals(UdpAddresses.LoopbackBroadcast) ? UdpAddresses.Loopback : InterfaceFor(socket, destination.Address, isBroadcast);
        IPEndPoint source = SourceOf(socket, at == UdpAddresses.Loopback ? LoopbackOf(group.AddressFamily) : group);
        bool staysHere = at == UdpAddresses.Loopback || (!isBroadcast && socket.Flags.MulticastTimeToLive == 0);
        foreach (SimulatedHost to in host.Network.Hosts)
        {
            bool isSent = ReferenceEquals(to, host) ? isBroadcast || socket.Flags.MulticastLoopback : !staysHere;
            if (isSent && to.IsRunning && domain.IsAlive && to.Udp.Wants(group, at))
            {
                host.PathTo(to).Send(new UdpDatagram(source, new IPEndPoint(group, destination.Port), bytes) { Interface = at }, 0);
            }
        }
    }

    // Windows has the interface of a group in the end point, and so has Linux for IPv6.
    private static int InterfaceFor(UdpSocket socket, IPAddress destination, bool isBroadcast)
    {
        int named = destination.AddressFamily == AddressFamily.InterNetworkV6 ? (int)destination.ScopeId : 0;
        int asked = isBroadcast ? 0 : named != 0 ? named : socket.Flags.MulticastInterface;
        return asked switch
        {
            0 => UdpAddresses.Network,
            UdpAddresses.Loopback or UdpAddresses.Network => asked,
            _ => throw new SocketException((int)SocketError.AddressNotAvailable),
        };
    }

    private static IPAddress LoopbackOf(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback;

    // A socket at all addresses, or at a group, sends from the one that fits.
    private IPEndPoint SourceOf(UdpSocket socket, IPAddress destination) =>
        LocalPorts.IsAny(socket.Local.Address) || UdpAddresses.IsMany(socket.Local.Address)
            ? new IPEndPoint(host.SourceFor(destination), socket.Local.Port)
            : socket.Local;

    private void Send(Packet packet)
    {
        if (domain.IsAlive)
        {
            host.Network.Send(host, packet, 0);
        }
    }

    // A connected socket before one that is not, one at the address before one at all of them, and of several the one that was bound last.
    private UdpSocket? Find(IPEndPoint destination, IPEndPoint source)
    {
        UdpSocket? best = null;
        int bestScore = 0;
        foreach (UdpSocket socket in _sockets)
        {
            int score = ScoreOf(socket, destination, source);
            if (score > 0 && score >= bestScore)
            {
                (best, bestScore) = (socket, score);
            }
        }

        return best;
    }

    private static int ScoreOf(UdpSocket socket, IPEndPoint destination, IPEndPoint source)
    {
        bool isFor = LocalPorts.Covers(socket.Local, socket.Settings, destination) && (socket.Remote is null || socket.Remote.Equals(source));
        return !isFor ? 0 : 1 + (socket.Local.Address.Equals(destination.Address) ? 1 : 0) + (socket.Remote is null ? 0 : 2);
    }
}
