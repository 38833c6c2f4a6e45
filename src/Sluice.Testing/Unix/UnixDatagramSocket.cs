using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Unix;
using Sluice.Testing.Kernel;
using Sluice.Testing.Tcp;

namespace Sluice.Testing.Unix;

/// <summary>A datagram socket of the Unix domain (unix(7)). No datagram is lost: a sender waits while the queue of the receiver is full.</summary>
internal sealed class UnixDatagramSocket(
    UnixStack stack, UnixDomainSocketEndPoint? name, bool deletes, TcpSettings settings, Action onReceivable, Action onSendable) : IUnixSocket, IDatagramSocket
{
    // net.unix.max_dgram_qlen. Linux admits one more (unix_recvq_full).
    private const int QueueLength = 10;

    // The bytes of the send buffer that no datagram can use (unix_dgram_sendmsg).
    private const int Reserved = 32;

    private readonly Queue<UnixMessage> _queue = new();

    // The senders that wait for room in the queue.
    private readonly List<UnixDatagramSocket> _waiting = [];

    private UnixDatagramSocket? _peer;
    private SocketError _error;

    // The datagrams on their way here, when the next one can arrive, and the bytes from here that were not received.
    private int _inFlight;
    private long _notBefore;
    private int _charged;
    private bool _wantsRoom;
    private bool _closed;

    public EndPoint Local => name ?? UnixEndPoints.Unnamed;

    public uint Drops => 0;

    private bool IsFull => _queue.Count + _inFlight > QueueLength;

    /// <summary>Connects to a peer: from now on only that one can send to this socket.</summary>
    /// <exception cref="SocketException">The peer is connected to another socket.</exception>
    public void Connect(UnixDatagramSocket peer)
    {
        ThrowUnlessReceivedBy(peer);
        _peer = peer;
    }

    public SocketError TakeError()
    {
        SocketError error = _error;
        _error = SocketError.Success;
        return error;
    }

    public ReceivedDatagram? TryReceive()
    {
        if (!_queue.TryDequeue(out UnixMessage? message))
        {
            return null;
        }

        message.Sender.Uncharge(message);
        TellOfRoom();
        return new ReceivedDatagram(message.Payload, message.Sender.Local, null, 0);
    }

    public bool TrySend(ReadOnlySpan<byte> bytes, EndPoint? to)
    {
        UnixDatagramSocket receiver = FindReceiver(to);
        ThrowUnlessReceivedBy(receiver);
        if (bytes.Length > settings.SendBufferSize - Reserved)
        {
            throw new SocketException((int)SocketError.MessageSize);
        }

        if (_charged >= settings.SendBufferSize)
        {
            _wantsRoom = true;
            return false;
        }

        // The queue of a socket that is connected to the sender has no limit but the sender's buffer.
        if (receiver.IsFull && !ReferenceEquals(receiver, this) && !ReferenceEquals(receiver._peer, this))
        {
            receiver.AddWaiting(this);
            return false;
        }

        stack.Trace("Unix datagram", bytes, 0);
        Send(receiver, new UnixMessage(this, bytes.ToArray()));
        return true;
    }

    public void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        stack.OpenSockets--;
        if (name is not null)
        {
            stack.Release(name, this, deletes);
        }

        Purge();
        TellOfRoom();
    }

    private UnixDatagramSocket FindReceiver(EndPoint? to)
    {
        if (to is UnixDomainSocketEndPoint other)
        {
            return stack.FindDatagramSocket(other);
        }

        UnixDatagramSocket peer = _peer ?? throw new SocketException((int)SocketError.NotConnected);
        if (!peer._closed)
        {
            return peer;
        }

        // unix_dgram_disconnected of the kernel.
        _peer = null;
        Purge();
        throw new SocketException((int)SocketError.ConnectionRefused);
    }

    private void ThrowUnlessReceivedBy(UnixDatagramSocket receiver)
    {
        if (receiver._peer is { } only && !ReferenceEquals(only, this))
        {
            throw new SocketException((int)SocketError.AccessDenied);
        }
    }

    private void Send(UnixDatagramSocket receiver, UnixMessage message)
    {
        _charged += message.Charge;
        receiver._inFlight++;
        receiver._notBefore = 1 + stack.Later(
            () =>
            {
                receiver._inFlight--;
                receiver.Receive(message);
            },
            receiver._notBefore);
    }

    private void Receive(UnixMessage message)
    {
        if (_closed)
        {
            message.Sender.Uncharge(message);
            return;
        }

        _queue.Enqueue(message);
        onReceivable();
    }

    private void Uncharge(UnixMessage message)
    {
        _charged -= message.Charge;
        if (_wantsRoom && _charged < settings.SendBufferSize)
        {
            _wantsRoom = false;
            stack.Later(OnSendable);
        }
    }

    private void AddWaiting(UnixDatagramSocket sender)
    {
        if (!_waiting.Contains(sender))
        {
            _waiting.Add(sender);
        }
    }

    private void Purge()
    {
        while (_queue.TryDequeue(out UnixMessage? message))
        {
            message.Sender.Uncharge(message);
        }
    }

    private void TellOfRoom()
    {
        foreach (UnixDatagramSocket sender in _waiting)
        {
            stack.Later(sender.OnSendable);
        }

        _waiting.Clear();
    }

    private void OnSendable()
    {
        if (!_closed)
        {
            onSendable();
        }
    }
}
