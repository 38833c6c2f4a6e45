using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollEngine
{
    public override StreamTransport AdoptStream(AdoptableSocket socket, StreamSocketOptions options)
    {
        SocketHandle handle = HandleTransfer.Duplicate(socket.Handle);
        try
        {
            AddressFamily family = AdoptedSocket.Check(handle, SocketType.Stream, out bool listens);
            EndPoint remote = !listens && AdoptedSocket.TryGetRemote(handle, family) is { } peer ? peer : throw AdoptableSocket.NotConnected(listens);
            new EpollSocketOptions(handle, family).ApplyConnected(options, family);
            AdoptedSocket.StopBlocking(handle);
            handle.CloseMayBlock = options.LingerSeconds > 0;
            EpollStream stream = EpollStream.Start(this, LoopForConnection(), handle, remote, options);
            AdoptedSocket.Release(socket, handle);
            return stream;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public override ListenerTransport AdoptListener(AdoptableSocket socket, StreamSocketOptions accepted, UnixSocketFile? file, int backlog)
    {
        SocketHandle handle = HandleTransfer.Duplicate(socket.Handle);
        try
        {
            AddressFamily family = AdoptedSocket.Check(handle, SocketType.Stream, out bool listens);
            if (!listens && !AdoptedSocket.CanListen(handle, family))
            {
                throw AdoptableSocket.NotListening();
            }

            // What a TCP listener has, it hands on to what it accepts.
            new EpollSocketOptions(handle, family).ApplyConnected(accepted, family);
            AdoptedSocket.StopBlocking(handle);
            if (!listens)
            {
                AdoptedSocket.Listen(handle, backlog);
            }

            EpollListener listener = EpollListener.Start(this, NextLoop(), handle, family, accepted, file);
            AdoptedSocket.Release(socket, handle);
            return listener;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public override DatagramTransport AdoptDatagram(AdoptableSocket socket, UdpSocketOptions options)
    {
        SocketHandle handle = HandleTransfer.Duplicate(socket.Handle);
        try
        {
            AddressFamily family = AdoptedSocket.Check(handle, SocketType.Dgram, out _);
            EndPoint? remote = AdoptedSocket.TryGetRemote(handle, family);
            new EpollSocketOptions(handle, family).ApplyAdopted(options, family);
            AdoptedSocket.StopBlocking(handle);
            EpollDatagram datagram = EpollDatagram.Start(this, LoopForConnection(), handle, family, remote, options);
            AdoptedSocket.Release(socket, handle);
            return datagram;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
