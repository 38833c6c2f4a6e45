using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Kernel;
using Sluice.Testing.Tcp;

namespace Sluice.Testing.Unix;

/// <summary>
/// One end of a stream connection of the Unix domain (unix(7)). As on Linux, a write that the peer can no longer read fails at once; bytes and the end arrive a
/// while later, in their order.
/// </summary>
internal sealed class UnixStream(UnixStack stack, int number, UnixDomainSocketEndPoint local, UnixDomainSocketEndPoint remote, TcpSettings settings) : IStreamSocket
{
    private readonly ByteRing _in = new();

    // The bytes on their way to this end, and when the next ones can arrive.
    private int _inFlight;
    private long _notBefore;

    private SocketError _error;
    private bool _inputEnded;
    private bool _inputShut;
    private bool _outputShut;
    private bool _wantsRoom;
    private bool _closed;

    /// <summary>Gets the number of the connection, for the trace.</summary>
    public int Number => number;

    public TcpSettings Settings => settings;

    public EndPoint Local => local;

    public EndPoint Remote => remote;

    public IStreamUser? User
    {
        get;
        set
        {
            stack.OpenSockets += (value is null ? 0 : 1) - (field is null ? 0 : 1);
            field = value;
        }
    }

    /// <summary>Gets or sets the other end.</summary>
    public UnixStream Peer { get; set; } = null!;

    public bool HasInputEnded => _inputEnded;

    // What was sent is in the queue of the peer, which reads it even after a close.
    public int Unacknowledged => 0;

    private int Unread => _in.Count + _inFlight;

    // The bytes that the peer has not read are those of the sender's buffer (sk_wmem_alloc).
    private int Room => Math.Max(0, settings.SendBufferSize - Peer.Unread);

    public int Send(ReadOnlySpan<byte> bytes, out SocketError error)
    {
        error = _outputShut || Peer._inputShut || Peer._closed ? SocketError.Shutdown : SocketError.Success;
        if (error != SocketError.Success)
        {
            return 0;
        }

        int taken = Math.Min(bytes.Length, Room);
        _wantsRoom = taken < bytes.Length;
        if (taken > 0)
        {
            stack.Trace("Unix data", bytes[..taken], number);
            for (int sent = 0; sent < taken;)
            {
                int length = stack.Fragment(taken - sent);
                Peer.Arrive(bytes.Slice(sent, length).ToArray());
                sent += length;
            }
        }

        return taken;
    }

    public int Receive(Span<byte> into, out SocketError error)
    {
        error = SocketError.Success;
        if (_in.Count > 0)
        {
            int count = _in.Read(into);
            Peer.TellOfRoom();
            return count;
        }

        error = TakeError();
        if (error == SocketError.Success && !_inputEnded && !_inputShut)
        {
            error = SocketError.WouldBlock;
        }

        return error == SocketError.Success ? 0 : -1;
    }

    public void ShutdownOutput()
    {
        if (_outputShut || _closed)
        {
            return;
        }

        _outputShut = true;
        stack.Trace("Unix end", [], number);
        Peer.ArriveInOrder(Peer.OnEnd);
        if (_inputEnded)
        {
            User?.OnPeerEnded(gone: true);
        }
    }

    public void ShutdownInput()
    {
        _inputShut = true;
        stack.Later(Peer.OnWritable);
    }

    public SocketError TakeError()
    {
        SocketError error = _error;
        _error = SocketError.Success;
        return error;
    }

    public void Close() => Close(Unread > 0);

    /// <summary>Closes it as a connection that was not accepted.</summary>
    public void Reset() => Close(resets: true);

    // unix_release_sock of the kernel: unread bytes are lost, and the peer hears of it.
    private void Close(bool resets)
    {
        if (_closed)
        {
            return;
        }

        User = null;
        _closed = true;
        _in.Discard(_in.Count);
        stack.Trace(resets ? "Unix reset" : "Unix close", [], number);
        Peer.ArriveInOrder(() => Peer.OnPeerClosed(resets));
    }

    private void Arrive(byte[] bytes)
    {
        _inFlight += bytes.Length;
        ArriveInOrder(() =>
        {
            _inFlight -= bytes.Length;
            if (!_closed)
            {
                _in.Write(bytes);
                User?.OnReadable();
            }
        });
    }

    private void ArriveInOrder(Action action) => _notBefore = stack.Later(action, _notBefore) + 1;

    // As Linux: not before three quarters of the buffer are free (unix_writable).
    private void TellOfRoom()
    {
        if (_wantsRoom && Peer.Unread <= settings.SendBufferSize / 4)
        {
            _wantsRoom = false;
            stack.Later(OnWritable);
        }
    }

    private void OnWritable() => User?.OnWritable();

    private void OnEnd()
    {
        if (!_inputEnded)
        {
            _inputEnded = true;
            User?.OnReadable();
            User?.OnPeerEnded(gone: _outputShut);
        }
    }

    private void OnPeerClosed(bool resets)
    {
        _inputEnded = true;
        _error = resets ? SocketError.ConnectionReset : SocketError.Success;
        User?.OnReadable();
        User?.OnWritable();
        User?.OnPeerEnded(gone: true);
    }
}
