using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollEngine
{
    public override StreamTransport AdoptStream(AdoptableSocket socket, StreamSocketOptions options) => Adopt(socket, handle =>
    {
        AddressFamily family = AdoptedSocket.Check(handle, SocketType.Stream, out bool listens);
        EndPoint remote = !listens && AdoptedSocket.TryGetRemote(handle, family) is { } peer ? peer : throw AdoptableSocket.NotConnected(listens);
        new EpollSocketOptions(handle, family).ApplyConnected(options, family);
        AdoptedSocket.StopBlocking(handle);
        handle.CloseMayBlock = options.LingerSeconds > 0;
        return EpollStream.Adopt(this, LoopForConnection(), handle, remote, options);
    });

    public override ListenerTransport AdoptListener(AdoptableSocket socket, StreamSocketOptions accepted, UnixSocketFile? file, int backlog) =>
        Adopt(socket, handle =>
        {
            AddressFamily family = AdoptedSocket.Check(handle, SocketType.Stream, out bool listens);
            if (!listens && !AdoptedSocket.CanListen(handle, family))
            {
                throw AdoptableSocket.NotListening();
            }

            // A connection inherits these options from the TCP listener that accepts it.
            new EpollSocketOptions(handle, family).ApplyConnected(accepted, family);
            AdoptedSocket.StopBlocking(handle);
            if (!listens)
            {
                AdoptedSocket.Listen(handle, backlog);
            }

            return EpollListener.Start(this, NextLoop(), handle, family, accepted, file);
        });

    public override DatagramTransport AdoptDatagram(AdoptableSocket socket, UdpSocketOptions options) => Adopt(socket, handle =>
    {
        AddressFamily family = AdoptedSocket.Check(handle, SocketType.Dgram, out _);
        EndPoint? remote = AdoptedSocket.TryGetRemote(handle, family);
        new EpollSocketOptions(handle, family).ApplyAdopted(options, family);
        AdoptedSocket.StopBlocking(handle);
        return EpollDatagram.Start(this, LoopForConnection(), handle, family, remote, options);
    });

    private static T Adopt<T>(AdoptableSocket socket, Func<SocketHandle, T> start)
    {
        SocketHandle handle = HandleTransfer.Duplicate(socket.Handle);
        try
        {
            T transport = start(handle);
            AdoptedSocket.Release(socket, handle);
            return transport;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
