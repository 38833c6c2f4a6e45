using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Unix;
using Sluice.Options;

namespace Sluice.Engine.Portable;

/// <summary>A Unix domain <see cref="Socket"/> that is no transport yet.</summary>
internal sealed class PortableUnixSocket(PortableEngine engine, Socket socket) : UnixSocket
{
    public override SafeHandle Handle => socket.SafeHandle;

    public override IOptionTarget Options => new PortableSocketOptions(socket);

    public override void Bind(UnixDomainSocketEndPoint endPoint)
    {
        var plain = new PlainUnixEndPoint(endPoint);
        Run(() => socket.Bind(plain), "Binding to", endPoint);
        plain.IsBound = true;
    }

    public override void Connect(UnixDomainSocketEndPoint endPoint) => Run(() => socket.Connect(endPoint), "Connecting to", endPoint);

    public override ListenerTransport StartListener(UnixDomainSocketEndPoint endPoint, UnixListenerOptions options, UnixSocketFile? file)
    {
        Run(() => socket.Listen(options.Backlog), "Listening at", endPoint);
        return engine.StartListener(socket, options.Accepted, file);
    }

    public override StreamTransport StartStream(UnixDomainSocketEndPoint remote, StreamSocketOptions options) => engine.Start(socket, options);

    public override DatagramTransport StartDatagram(UnixDomainSocketEndPoint? remote, UnixDatagramOptions options, UnixSocketFile? file) =>
        PortableDatagram.Start(engine, socket, remote, options, file);

    public override void Dispose() => socket.Dispose();

    private static void Run(Action step, string doing, EndPoint endPoint)
    {
        try
        {
            step();
        }
        catch (SocketException exception)
        {
            throw UnixErrors.At(exception.SocketErrorCode, doing, endPoint);
        }
    }
}
