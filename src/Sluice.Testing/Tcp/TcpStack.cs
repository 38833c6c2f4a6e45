using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Scheduling;

namespace Sluice.Testing.Tcp;

/// <summary>The TCP of a host's kernel, from its start to its crash.</summary>
internal sealed class TcpStack(SimulatedHost host, Domain domain)
{
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

    public void Remove(TcpListener listener) => Domain.OpenSockets -= _listeners.Remove(listener) ? 1 : 0;

    /// <summary>Listens at an address of the host.</summary>
    /// <exception cref="SocketException">The address is not the host's, or in use.</exception>
    public TcpListener Listen(IPEndPoint endPoint, TcpSettings settings, int backlog, Action onConnection)
    {
        CheckLocal(endPoint);
        var local = new IPEndPoint(endPoint.Address, endPoint.Port != 0 ? endPoint.Port : LocalPorts.Pick(Network.Draws, port => !IsInUse(new IPEndPoint(endPoint.Address, port), settings)));
        if (IsInUse(local, settings))
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        var listener = new TcpListener(this, local, settings, backlog, onConnection);
        _listeners.Add(listener);
        Domain.OpenSockets++;
        return listener;
    }

    /// <summary>Begins to connect.</summary>
    /// <exception cref="SocketException">The host has no address of the family, or the local end point is in use.</exception>
    public TcpConnection Connect(IPEndPoint remote, IPEndPoint? bound, TcpSettings settings)
    {
        remote = LocalPorts.ToDestination(remote);
        bound = bound is { Address.IsIPv4MappedToIPv6: true } ? new IPEndPoint(bound.Address.MapToIPv4(), bound.Port) : bound;
        IPAddress address = bound is { } given && !LocalPorts.IsAny(given.Address) ? given.Address : Host.SourceFor(remote.Address);
        if (bound is not null)
        {
            CheckLocal(bound);
        }

        // As on Linux, which gives no port that a socket is bound to: a connection to a listener of the host itself would otherwise be one to itself at times.
        int port = bound is { Port: > 0 } ? bound.Port
            : LocalPorts.Pick(Network.Draws, port => !_listeners.Exists(listener => listener.Local.Port == port) && IsFree(new IPEndPoint(address, port), remote));
        var local = new IPEndPoint(address, port);
        if (!IsFree(local, remote))
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }

        TcpConnection connection = TcpConnection.Connect(this, local, remote, settings);
        Add(connection);
        return connection;
    }

    private void CheckLocal(IPEndPoint endPoint)
    {
        if (!LocalPorts.IsAny(endPoint.Address) && !Host.Has(endPoint.Address))
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }
    }

    private bool IsFree(IPEndPoint local, IPEndPoint remote) => !_connections.ContainsKey(new FlowKey(local, remote));

    private bool IsInUse(IPEndPoint local, TcpSettings settings) =>
        _listeners.Exists(other => LocalPorts.Overlap(other.Local, other.Settings, local, settings) && !(settings.ReusePort && other.Settings.ReusePort))
        || (!settings.ReuseAddress && _connections.Values.Any(other => LocalPorts.Covers(local, settings, other.Local)));

    private TcpListener? FindListener(IPEndPoint destination)
    {
        // The one at the address before the one at all of them; several of SO_REUSEPORT share the connections.
        TcpListener[] fitting = [.. _listeners.Where(listener => LocalPorts.Covers(listener.Local, listener.Settings, destination))];
        TcpListener[] exact = Array.FindAll(fitting, listener => listener.Local.Address.Equals(destination.Address));
        TcpListener[] best = exact.Length > 0 ? exact : fitting;
        return best.Length == 0 ? null : best[best.Length == 1 ? 0 : Network.Draws.Next(best.Length)];
    }

    private void Refuse(TcpSegment segment) => Send(
        new TcpSegment(segment.Destination, segment.Source, TcpFlags.Reset | TcpFlags.Acknowledgement, segment.Acknowledged, segment.Sequence, 0, []) { Flow = segment.Flow }, 0);
}
