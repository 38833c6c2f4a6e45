using System.Diagnostics;
using System.Net;
using Sluice.Engine.Epoll;
using Sluice.Engine.Interop;

namespace Sluice.Bench.Load;

/// <summary>
/// Connections that each keep some messages in flight and check every byte that comes back: system calls in a loop on one thread, so that the load
/// costs less than what it measures. It never sleeps: whom it measures shall not pay for waking it, nor gain from its being late.
/// </summary>
internal sealed unsafe class EpollLoad : IDisposable
{
    private readonly Poller _poller = new();
    private readonly SocketHandle[] _sockets;
    private readonly int[] _owed;
    private readonly byte[] _message;
    private readonly byte[] _received = new byte[256 * 1024];

    public EpollLoad(int port, int connections, int size, int depth)
    {
        // One byte throughout: what comes back can then be checked wherever a receive cuts it.
        _message = new byte[size * depth];
        Array.Fill(_message, (byte)'x');
        _sockets = new SocketHandle[connections];
        _owed = new int[connections];
        for (int i = 0; i < connections; i++)
        {
            _sockets[i] = Connect(port);
            _poller.Add(_sockets[i], (ulong)i);
        }
    }

    /// <summary>Runs for <paramref name="duration"/>; how many bytes came back in how much time.</summary>
    public (long Bytes, TimeSpan Elapsed) Run(TimeSpan duration)
    {
        long bytes = 0;
        for (int i = 0; i < _sockets.Length; i++)
        {
            Send(i, _message.Length);
        }

        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            int count = _poller.Wait(timeoutMilliseconds: 0);
            for (int i = 0; i < count; i++)
            {
                int socket = (int)_poller[i].Data;
                int got = Receive(socket);
                bytes += got;
                if (got > 0)
                {
                    Send(socket, got);
                }
            }

            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            if (elapsed >= duration)
            {
                return (bytes, elapsed);
            }
        }
    }

    public void Dispose()
    {
        foreach (SocketHandle socket in _sockets)
        {
            socket.Dispose();
        }

        _poller.Dispose();
    }

    private static SocketHandle Connect(int port)
    {
        int fd = Libc.Socket(2, LinuxConstants.SockStream | LinuxConstants.SockCloExec, 0);
        var handle = new SocketHandle(fd);
        var endPoint = new IPEndPoint(IPAddress.Loopback, port);
        if (SocketAddresses.Connect(handle, endPoint) != System.Net.Sockets.SocketError.Success)
        {
            throw new IOException($"No connection to {endPoint}.");
        }

        int one = 1;
        _ = Libc.SetSockOpt(fd, LinuxConstants.IpProtoTcp, LinuxConstants.TcpNoDelay, &one, sizeof(int));
        return handle;
    }

    private void Send(int socket, int count)
    {
        int fd = (int)_sockets[socket].DangerousGetHandle();
        fixed (byte* start = _message)
        {
            while (count > 0)
            {
                nint sent = Libc.Send(fd, start, (nuint)Math.Min(count, _message.Length), LinuxConstants.MsgNoSignal);
                if (sent <= 0)
                {
                    throw new IOException($"send failed: errno {Errno.Last()}.");
                }

                count -= (int)sent;
                _owed[socket] += (int)sent;
            }
        }
    }

    private int Receive(int socket)
    {
        const int dontWait = 0x40;
        int total = 0;
        int fd = (int)_sockets[socket].DangerousGetHandle();
        fixed (byte* start = _received)
        {
            while (_owed[socket] > 0)
            {
                nint got = Libc.Recv(fd, start, (nuint)_received.Length, dontWait);
                if (got <= 0)
                {
                    int errno = Errno.Last();
                    return got < 0 && errno == Errno.Again ? total : throw new IOException($"The server left: errno {errno}.");
                }

                if (got > _owed[socket] || _received.AsSpan(0, (int)got).ContainsAnyExcept((byte)'x'))
                {
                    throw new InvalidDataException("What came back is not what was sent.");
                }

                _owed[socket] -= (int)got;
                total += (int)got;
                if (got < _received.Length)
                {
                    break;
                }
            }
        }

        return total;
    }
}
