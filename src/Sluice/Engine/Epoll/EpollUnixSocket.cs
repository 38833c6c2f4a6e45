using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;

namespace Sluice.Engine.Epoll;

/// <summary>A Unix domain socket of the epoll engine, before it is registered with a loop.</summary>
internal sealed class EpollUnixSocket(EpollEngine engine, SocketHandle handle) : UnixSocket
{
    public override SafeHandle Handle => handle;

    public override IOptionTarget Options => new EpollSocketOptions(handle, AddressFamily.Unix);

    public override void Bind(UnixDomainSocketEndPoint endPoint) => Check(SocketAddresses.Bind(handle, endPoint), "Binding to", endPoint);

    // Connected when it returns, or refused: a Unix domain socket has no connect in progress (unix(7)). A listener whose backlog is full refuses
    // with EAGAIN.
    public override void Connect(UnixDomainSocketEndPoint endPoint)
    {
        SocketError error = SocketAddresses.Connect(handle, endPoint);
        Check(error == SocketError.InProgress ? SocketError.WouldBlock : error, "Connecting to", endPoint);
    }

    public override ListenerTransport StartListener(UnixDomainSocketEndPoint endPoint, UnixListenerOptions options, UnixSocketFile? file)
    {
        Check(handle.Listen(options.Backlog), "Listening at", endPoint);
        return EpollListener.Start(engine, engine.NextLoop(), handle, AddressFamily.Unix, options.Accepted, file);
    }

    public override StreamTransport StartStream(UnixDomainSocketEndPoint remote, StreamSocketOptions options) =>
        EpollStream.Start(engine, engine.LoopForConnection(), handle, remote, options);

    public override DatagramTransport StartDatagram(UnixDomainSocketEndPoint? remote, UnixDatagramOptions options, UnixSocketFile? file) =>
        EpollDatagram.Start(engine, engine.LoopForConnection(), handle, AddressFamily.Unix, remote, options, file);

    public override void Dispose() => handle.Dispose();

    private static void Check(SocketError error, string doing, EndPoint endPoint)
    {
        if (error != SocketError.Success)
        {
            throw UnixErrors.At(error, doing, endPoint);
        }
    }
}
