using System.Net.Sockets;
using Sluice.Engine.Unix;
using Sluice.Testing.Scheduling;
using Sluice.Testing.Tcp;
using Sluice.Testing.Tracing;

namespace Sluice.Testing.Unix;

/// <summary>The Unix domain of a host's kernel, from its start to its crash.</summary>
internal sealed class UnixStack(SimulatedHost host, Domain domain, UnixNames names)
{
    private const int DefaultBuffer = 212_992;

    private readonly SimulatedNetwork _network = host.Network;

    /// <inheritdoc cref="Domain.OpenSockets"/>
    public int OpenSockets
    {
        get => domain.OpenSockets;
        set => domain.OpenSockets = value;
    }

    /// <summary>Makes the settings of a socket, with the buffers of Linux (net.core.wmem_default).</summary>
    public static TcpSettings CreateSettings() => new() { SendBufferSize = DefaultBuffer, ReceiveBufferSize = DefaultBuffer };

    /// <summary>Listens at a name.</summary>
    /// <exception cref="SocketException">The name is in use.</exception>
    public UnixListener Listen(UnixDomainSocketEndPoint name, int backlog, bool deletes, Action onConnection)
    {
        var listener = new UnixListener(this, name, backlog, deletes, onConnection);
        names.Bind(name, listener);
        OpenSockets++;
        return listener;
    }

    /// <summary>Connects to a listener.</summary>
    /// <exception cref="SocketException">There is none, or its queue is full.</exception>
    public UnixStream Connect(UnixDomainSocketEndPoint name, TcpSettings settings)
    {
        UnixListener listener = names.Find<UnixListener>(name);
        if (listener.IsFull)
        {
            throw new SocketException((int)SocketError.WouldBlock);
        }

        (UnixStream client, UnixStream server) = CreatePair(settings, CreateSettings(), name);
        listener.Add(server);
        _network.Trace.Add(TraceKind.Packet, host.Name, host.Name, "Unix connect", 0, client.Number);
        return client;
    }

    /// <summary>Makes two streams that are connected to each other.</summary>
    public (UnixStream First, UnixStream Second) CreatePair(TcpSettings first, TcpSettings second, UnixDomainSocketEndPoint? nameOfSecond = null)
    {
        int number = _network.CreateFlow().Number;
        UnixDomainSocketEndPoint name = nameOfSecond ?? UnixEndPoints.Unnamed;
        var one = new UnixStream(this, number, UnixEndPoints.Unnamed, name, first);
        var other = new UnixStream(this, number, name, UnixEndPoints.Unnamed, second);
        one.Peer = other;
        other.Peer = one;
        return (one, other);
    }

    /// <summary>Opens a datagram socket, with a name or without.</summary>
    /// <exception cref="SocketException">The name is in use.</exception>
    public UnixDatagramSocket Open(UnixDomainSocketEndPoint? name, bool deletes, TcpSettings settings, Action onReceivable, Action onSendable)
    {
        var socket = new UnixDatagramSocket(this, name, deletes, settings, onReceivable, onSendable);
        if (name is not null)
        {
            names.Bind(name, socket);
        }

        OpenSockets++;
        return socket;
    }

    /// <exception cref="SocketException">There is no such socket.</exception>
    public UnixDatagramSocket FindDatagramSocket(UnixDomainSocketEndPoint name) => names.Find<UnixDatagramSocket>(name);

    public void Release(UnixDomainSocketEndPoint name, IUnixSocket socket, bool deletes)
    {
        if (domain.IsAlive)
        {
            names.Release(name, socket, deletes);
        }
    }

    /// <summary>Does something a while later, as the seed decides.</summary>
    /// <param name="action">What happens.</param>
    /// <param name="notBefore">When it happens at the earliest.</param>
    /// <returns>When it happens.</returns>
    public long Later(Action action, long notBefore = 0)
    {
        long due = Math.Max(_network.Agenda.Now + _network.LoopbackLatency.Draw(_network.Draws), notBefore);
        new UnixEvent(domain, action).Set(_network.Agenda, due);
        return due;
    }

    /// <summary>Draws the length of the bytes that arrive together.</summary>
    public int Fragment(int length) => _network.Fragment(length);

    /// <summary>Adds bytes to the trace.</summary>
    public void Trace(string what, ReadOnlySpan<byte> bytes, int number)
    {
        _network.Trace.Mix(bytes);
        _network.Trace.Add(TraceKind.Packet, host.Name, host.Name, what, bytes.Length, number);
    }
}
