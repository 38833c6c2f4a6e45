using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Cli.Bench;

/// <summary>A connection of a <see cref="SystemCallLoad"/>.</summary>
internal abstract unsafe class SystemCallConnection : IDisposable
{
    private readonly int _fd;
    private readonly EndPoint _server;

    protected SystemCallConnection(EndPoint server)
    {
        _server = server;
        int family = SocketAddresses.ToNative(server.AddressFamily);
        _fd = Libc.Socket(family, LinuxConstants.SockStream | LinuxConstants.SockCloExec, 0);
        if (_fd < 0)
        {
            throw Failure("Creating a socket");
        }

        Handle = new SocketHandle(_fd);
        SocketError error = SocketAddresses.Connect(Handle, server);
        if (error != SocketError.Success)
        {
            Handle.Dispose();
            throw new IOException($"Connecting to {server}: {new SocketException((int)error).Message}");
        }

        int one = 1;
        _ = Libc.SetSockOpt(_fd, LinuxConstants.IpProtoTcp, LinuxConstants.TcpNoDelay, &one, sizeof(int));
    }

    public SocketHandle Handle { get; }

    /// <summary>Whether the connection is queued for a turn without waiting for an event.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Called once all connections are open.</summary>
    public virtual void Start()
    {
    }

    /// <summary>Sends and receives: after an event, or when the last turn left work.</summary>
    /// <param name="isOver">Whether the server has closed the connection. No further event then reports bytes that are left to receive.</param>
    /// <param name="buffer">Pinned memory to receive into.</param>
    /// <param name="totals">Counts the results.</param>
    /// <returns>Whether work is left, so that the connection needs another turn without an event.</returns>
    public abstract bool OnTurn(bool isOver, byte[] buffer, LoadTotals totals);

    public void Dispose() => Handle.Dispose();

    /// <summary>Receives what has arrived; returns 0 if nothing has.</summary>
    protected int Receive(byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            int received = (int)Libc.Recv(_fd, start, (nuint)buffer.Length, LinuxConstants.MsgDontWait);
            return received switch
            {
                > 0 => received,
                0 => throw new IOException("The server closed a connection."),
                _ => Errno.Last() is Errno.Again or Errno.Interrupted ? 0 : throw Failure($"Reading from {_server}"),
            };
        }
    }

    /// <summary>Sends as much as the kernel takes; returns 0 if it has no room.</summary>
    protected int Send(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            int sent = (int)Libc.Send(_fd, start, (nuint)bytes.Length, LinuxConstants.MsgNoSignal | LinuxConstants.MsgDontWait);
            if (sent >= 0)
            {
                return sent;
            }

            return Errno.Last() is Errno.Again ? 0 : throw Failure($"Writing to {_server}");
        }
    }

    private static IOException Failure(string doing) => new($"{doing}: {new SocketException((int)Errno.ToSocketError(Errno.Last())).Message}");
}
