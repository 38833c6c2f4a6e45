using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Cli.Bench;

/// <summary>One connection of a <see cref="SystemCallLoad"/>.</summary>
internal sealed unsafe class SystemCallConnection : IDisposable
{
    private readonly int _depth;
    private readonly int _fd;
    private readonly AnswerCheck _check;
    private readonly InFlight _inFlight;

    // What the kernel has not taken yet.
    private ReadOnlyMemory<byte> _rest;
    private int _behind;

    public SystemCallConnection(EndPoint server, Messages messages, int depth)
    {
        _depth = depth;
        _check = new AnswerCheck(messages);
        _inFlight = new InFlight(messages, depth);
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

    public void Start() => Send(_depth);

    /// <summary>Something has changed.</summary>
    /// <param name="isOver">Whether it was that the server ended: then nothing tells of what is left to receive.</param>
    /// <param name="buffer">Pinned memory to receive to.</param>
    /// <param name="totals">What to count in.</param>
    public void OnEvents(bool isOver, byte[] buffer, LoadTotals totals)
    {
        if (!_rest.IsEmpty)
        {
            SendRest();
        }

        int received;
        do
        {
            received = Receive(buffer);
            if (received > 0)
            {
                int complete = _check.Add(buffer.AsSpan(0, received));
                _inFlight.Back(complete, totals);
                Send(complete);
            }
        }
        while (received == buffer.Length || (isOver && received > 0));
    }

    public void Dispose() => Handle.Dispose();

    private int Receive(byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            int received = (int)Libc.Recv(_fd, start, (nuint)buffer.Length, LinuxConstants.MsgDontWait);
            return received > 0 ? received
                : received == 0 ? throw new IOException("The server closed a connection.")
                : Errno.Last() is Errno.Again or Errno.Interrupted ? 0
                : throw Failure("Reading");
        }
    }

    private void Send(int count)
    {
        if (count == 0)
        {
            return;
        }

        if (!_rest.IsEmpty)
        {
            _behind += count;
            return;
        }

        _rest = _inFlight.Next(count);
        SendRest();
    }

    private void SendRest()
    {
        while (!_rest.IsEmpty)
        {
            int sent;
            fixed (byte* start = _rest.Span)
            {
                sent = (int)Libc.Send(_fd, start, (nuint)_rest.Length, LinuxConstants.MsgNoSignal | LinuxConstants.MsgDontWait);
            }

            if (sent < 0)
            {
                if (Errno.Last() is Errno.Again)
                {
                    return;
                }

                throw Failure("Writing");
            }

            _rest = _rest[sent..];
            if (_rest.IsEmpty && _behind > 0)
            {
                _rest = _inFlight.Next(_behind);
                _behind = 0;
            }
        }
    }

    private static IOException Failure(string doing) => new($"{doing}: {new SocketException((int)Errno.ToSocketError(Errno.Last())).Message}");
}
