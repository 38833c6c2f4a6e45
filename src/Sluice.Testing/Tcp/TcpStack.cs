using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Scheduling;

namespace Sluice.Testing.Tcp;

/// <summary>The TCP of a host's kernel, from its start to its crash.</summary>
internal sealed class TcpStack(SimulatedHost host, Domain domain)
{
    // ip_local_port_range of Linux.
    private const int FirstEphemeralPort = 32768;
    private const int EphemeralPorts = 28232;

    private readonly Dictionary<FlowKey, TcpConnection> _connections = [];
    private readonly List<TcpListener> _listeners = [];

    public SimulatedHost Host { get; } = host;

    public SimulatedNetwork Network => Host.Network;

    public Domain Domain { get; } = domain;

    public bool IsAlive => Domain.IsAlive;

    /// <summary>Processes a segment that has arrived.</summary>
    public void Receive(TcpSegment segment)
    {
        bool isSyn = segment.Has(TcpFlags.Syn) && !segment.Has(TcpFlags.Acknowledgement);
        if (_connections.TryGetValue(new FlowKey(segment.Destination, segment.Source), out TcpConnection? connection)
            && !(isSyn && connection.State == TcpState.TimeWait))
        {
            if (ReferenceEquals(connection.Flow, segment.Flow))
            {
                connection.Receive(segment);
            }
        }
        else if (isSyn && Host.IsBlackHole(segment.Destination.Port))
        {
            // A firewall that answers nothing.
        }
        else if (isSyn && FindListener(segment.Destination) is { } listener)
        {
            listener.Receive(segment);
        }
        else if (!segment.Has(TcpFlags.Reset))
        {
            Refuse(segment);
        }
    }

    /// <summary>Sends a segment; returns when it arrives, unless it is lost.</summary>
    public long Send(TcpSegment segment, long notBefore) =>
        IsAlive ? Network.Send(Host, segment, notBefore) : notBefore;

    public void Add(TcpConnection connection) => _connections[new FlowKey(connection.Local, connection.Remote)] = connection;

    public void Remove(TcpConnection connection)
    {
        var key = new FlowKey(connection.Local, connection.Remote);
        if (_connections.TryGetValue(key, out TcpConnection? there) && ReferenceEquals(there, connection))
        {
            _connections.Remove(key);
        }
    }

    public void Remove(TcpListener listener) => _listeners.Remove(listener);

    /// <summary>Listens at an address of the host.</summary>
    /// <exception cref="SocketException">The address is not the host's, or in use.</exception>
    public TcpListener Listen(IPEndPoint endPoint, TcpSettings settings, int backlog, Action onConnection)
    {
        CheckLocal(endPoint);
        IPEndPoint local = endPoint.Port != 0 ? endPoint : new IPEndPoint(endPoint.Address, PickPort(port => !IsInUse(new IPEndPoint(endPoint.Address, port), settings)));
        if (IsInUse(local, settings))
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        var listener = new TcpListener(this, local, settings, backlog, onConnection);
        _listeners.Add(listener);
        return listener;
    }

    /// <summary>Begins to connect.</summary>
    /// <exception cref="SocketException">The host has no address of the family, or the local end point is in use.</exception>
    public TcpConnection Connect(IPEndPoint remote, IPEndPoint? bound, TcpSettings settings)
    {
        IPAddress address = bound is { } given && !IsAny(given.Address) ? given.Address : Host.SourceFor(remote.Address);
        if (bound is not null)
        {
            CheckLocal(bound);
        }

        int port = bound is { Port: > 0 } ? bound.Port : PickPort(port => IsFree(new IPEndPoint(address, port), remote));
        var local = new IPEndPoint(address, port);
        if (!IsFree(local, remote))
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        TcpConnection connection = TcpConnection.Connect(this, local, remote, settings);
        Add(connection);
        return connection;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool Covers(IPAddress bound, IPAddress address, bool v6Only) =>
        bound.Equals(address) || (IsAny(bound) && (bound.AddressFamily == address.AddressFamily || (bound.AddressFamily == AddressFamily.InterNetworkV6 && !v6Only)));

    private static bool Overlap(TcpListener listener, IPEndPoint local, TcpSettings settings) => listener.Local.Port == local.Port
        && (Covers(listener.Local.Address, local.Address, listener.Settings.IPv6Only) || Covers(local.Address, listener.Local.Address, settings.IPv6Only));

    private void CheckLocal(IPEndPoint endPoint)
    {
        if (!IsAny(endPoint.Address) && !Host.Has(endPoint.Address))
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }
    }

    private bool IsFree(IPEndPoint local, IPEndPoint remote) => !_connections.ContainsKey(new FlowKey(local, remote));

    private bool IsInUse(IPEndPoint local, TcpSettings settings) =>
        _listeners.Exists(other => Overlap(other, local, settings) && !(settings.ReusePort && other.Settings.ReusePort))
        || (!settings.ReuseAddress && _connections.Values.Any(other => other.Local.Port == local.Port && Covers(local.Address, other.Local.Address, settings.IPv6Only)));

    private int PickPort(Func<int, bool> isFree)
    {
        int first = Network.Draws.Next(EphemeralPorts);
        for (int i = 0; i < EphemeralPorts; i++)
        {
            int port = FirstEphemeralPort + ((first + i) % EphemeralPorts);
            if (isFree(port))
            {
                return port;
            }
        }

        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    private TcpListener? FindListener(IPEndPoint destination)
    {
        // The one at the address before the one at all of them; several of SO_REUSEPORT share the connections.
        TcpListener[] fitting = [.. _listeners.Where(listener =>
            listener.Local.Port == destination.Port && Covers(listener.Local.Address, destination.Address, listener.Settings.IPv6Only))];
        TcpListener[] exact = Array.FindAll(fitting, listener => listener.Local.Address.Equals(destination.Address));
        TcpListener[] best = exact.Length > 0 ? exact : fitting;
        return best.Length == 0 ? null : best[best.Length == 1 ? 0 : Network.Draws.Next(best.Length)];
    }

    private void Refuse(TcpSegment segment) => Send(
        new TcpSegment(segment.Destination, segment.Source, TcpFlags.Reset | TcpFlags.Acknowledgement, segment.Acknowledged, segment.Sequence, 0, []) { Flow = segment.Flow }, 0);
}
