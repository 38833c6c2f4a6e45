using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Kernel;

namespace Sluice.Testing.Tcp;

/// <summary>
/// One end of a TCP connection (RFC 9293), as the kernel of a host has it. Without congestion control, selective acknowledgements and Nagle's algorithm: a
/// receiver drops segments that come out of order, and a sender that has lost one goes back to it.
/// </summary>
internal sealed partial class TcpConnection : IStreamSocket
{
    // The error that the socket reports once, to the next call (SO_ERROR).
    private SocketError _error;

    private TcpConnection(TcpStack stack, IPEndPoint local, IPEndPoint remote, TcpSettings settings, TcpFlow flow, TcpState state)
    {
        Stack = stack;
        Local = local;
        Remote = remote;
        Settings = settings;
        Flow = flow;
        State = state;
        _timer = new TcpTimer(this);
    }

    public TcpStack Stack { get; }

    public IPEndPoint Local { get; }

    public IPEndPoint Remote { get; }

    EndPoint IStreamSocket.Local => Local;

    EndPoint IStreamSocket.Remote => Remote;

    public TcpSettings Settings { get; }

    public TcpFlow Flow { get; }

    public TcpState State { get; private set; }

    /// <inheritdoc/>
    public IStreamUser? User
    {
        get;
        set
        {
            Stack.Domain.OpenSockets += (value is null ? 0 : 1) - (field is null ? 0 : 1);
            field = value;
        }
    }

    private long Now => Stack.Network.Agenda.Now;

    /// <summary>Begins to connect. <see cref="IStreamUser.OnConnected"/> follows.</summary>
    public static TcpConnection Connect(TcpStack stack, IPEndPoint local, IPEndPoint remote, TcpSettings settings)
    {
        var connection = new TcpConnection(stack, local, remote, settings, stack.Network.CreateFlow(), TcpState.SynSent);
        connection.Flow.SetClient(connection);
        connection.SendHandshake();
        return connection;
    }

    /// <summary>Answers a SYN that has reached a listener.</summary>
    public static TcpConnection Answer(TcpListener listener, TcpSegment syn)
    {
        var settings = new TcpSettings(listener.Settings);
        var connection = new TcpConnection(listener.Stack, syn.Destination, syn.Source, settings, syn.Flow!, TcpState.SynReceived);
        connection._listener = listener;
        connection.Flow.SetServer(connection);
        connection._windowEnd = syn.Window;
        connection.SendHandshake();
        return connection;
    }

    /// <inheritdoc/>
    public SocketError TakeError()
    {
        SocketError error = _error;
        _error = SocketError.Success;
        return error;
    }

    /// <summary>Processes a segment that has arrived.</summary>
    public void Receive(TcpSegment segment)
    {
        if (segment.Has(TcpFlags.Reset))
        {
            OnReset();
        }
        else if (State == TcpState.SynSent)
        {
            ReceiveAnswer(segment);
        }
        else if (segment.Has(TcpFlags.Syn))
        {
            // The peer has not received the last segment of the handshake, or this side not what it answered.
            ResendForSyn();
        }
        else if (State != TcpState.SynReceived || TryEstablish(segment))
        {
            ReceiveAcknowledgement(segment);
            if (State != TcpState.Closed)
            {
                ReceivePayload(segment);
            }
        }
    }

    /// <summary>Ends the connection: the peer, or the network, has reset it.</summary>
    public void OnReset() => Fail(State switch
    {
        TcpState.SynSent => SocketError.ConnectionRefused,

        // EPIPE (tcp_reset in the kernel).
        TcpState.CloseWait => SocketError.Shutdown,
        _ => SocketError.ConnectionReset,
    });

    /// <summary>Ends the connection with an error for the socket.</summary>
    public void Fail(SocketError error)
    {
        bool wasConnecting = State == TcpState.SynSent;
        if (State is TcpState.Closed)
        {
            return;
        }

        _error = State == TcpState.TimeWait ? SocketError.Success : error;
        Forget();
        if (User is { } user)
        {
            if (wasConnecting)
            {
                user.OnConnected();
            }

            user.OnReadable();
            user.OnWritable();
            user.OnPeerEnded(gone: true);
        }
    }

    // Removes it from the stack. The bytes that were received can still be read.
    private void Forget()
    {
        State = TcpState.Closed;
        _timer.Cancel();
        _out.Discard(_out.Count);
        _listener?.Forget(this);
        Stack.Remove(this);
    }
}
