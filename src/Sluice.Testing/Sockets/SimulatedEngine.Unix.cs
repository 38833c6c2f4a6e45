using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Unix;
using Sluice.Testing.Unix;

namespace Sluice.Testing.Sockets;

// Names are those of the host, and stand in no file system: each folder exists, and file modes mean nothing.
internal sealed partial class SimulatedEngine
{
    public override Task<ListenerTransport> BindAsync(UnixDomainSocketEndPoint endPoint, UnixListenerOptions options, CancellationToken cancellationToken)
    {
        CheckThread();
        cancellationToken.ThrowIfCancellationRequested();
        SimulatedSocketOptions target = CreateUnixOptions(new StreamSocketOptions());
        var accepted = new StreamSocketOptions(options.Accepted);
        var listener = new SimulatedListener<UnixStream>(this, target, connection => Start(connection, ApplyUnix(connection.Settings, accepted), accepted));
        listener.Listen(onConnection => unix.Listen(endPoint, options.Backlog, options.DeleteOnClose, onConnection));
        return Task.FromResult<ListenerTransport>(listener);
    }

    public override Task<StreamTransport> ConnectAsync(UnixDomainSocketEndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        CheckThread();
        SimulatedSocketOptions target = CreateUnixOptions(options);
        try
        {
            return Task.FromResult<StreamTransport>(Start(unix.Connect(endPoint, target.Settings), target, options));
        }
        catch (SocketException exception)
        {
            throw UnixErrors.At(exception.SocketErrorCode, "Connecting to", endPoint);
        }
    }

    public override (StreamTransport First, StreamTransport Second)? TryCreatePair(StreamSocketOptions options)
    {
        CheckThread();
        SimulatedSocketOptions one = CreateUnixOptions(options);
        SimulatedSocketOptions other = CreateUnixOptions(options);
        (UnixStream first, UnixStream second) = unix.CreatePair(one.Settings, other.Settings);
        return (Start(first, one, options), Start(second, other, options));
    }

    public override Task<DatagramTransport> OpenDatagramAsync(
        UnixDomainSocketEndPoint? local, UnixDomainSocketEndPoint? remote, UnixDatagramOptions options, CancellationToken cancellationToken)
    {
        CheckThread();
        cancellationToken.ThrowIfCancellationRequested();
        SimulatedSocketOptions target = CreateUnixOptions(options);
        var datagram = new SimulatedDatagram(this, target, remote, options);
        datagram.Open((onReceivable, onSendable) =>
        {
            UnixDatagramSocket socket = unix.Open(local, options.DeleteOnClose, target.Settings, onReceivable, onSendable);
            return remote is null ? socket : Connect(socket, remote);
        });
        return Task.FromResult<DatagramTransport>(datagram);
    }

    public override (DatagramTransport First, DatagramTransport Second) CreateDatagramPair(UnixDatagramOptions options)
    {
        CheckThread();
        UnixDatagramSocket? first = null;
        SimulatedDatagram one = OpenOfPair(options, socket => first = socket);
        return (one, OpenOfPair(options, socket =>
        {
            socket.Connect(first!);
            first!.Connect(socket);
        }));
    }

    private static SimulatedSocketOptions CreateUnixOptions(SocketOptions options) => ApplyUnix(UnixStack.CreateSettings(), options);

    private static SimulatedSocketOptions ApplyUnix(Tcp.TcpSettings settings, SocketOptions options)
    {
        var target = new SimulatedSocketOptions(AddressFamily.Unix, settings);
        target.ApplyUnix(options);
        return target;
    }

    private UnixDatagramSocket Connect(UnixDatagramSocket socket, UnixDomainSocketEndPoint remote)
    {
        try
        {
            socket.Connect(unix.FindDatagramSocket(remote));
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Close();
            throw UnixErrors.At(exception.SocketErrorCode, "Connecting to", remote);
        }
    }

    private SimulatedDatagram OpenOfPair(UnixDatagramOptions options, Action<UnixDatagramSocket> onOpen)
    {
        SimulatedSocketOptions target = CreateUnixOptions(options);
        var datagram = new SimulatedDatagram(this, target, UnixEndPoints.Unnamed, options);
        datagram.Open((onReceivable, onSendable) =>
        {
            UnixDatagramSocket socket = unix.Open(null, deletes: false, target.Settings, onReceivable, onSendable);
            onOpen(socket);
            return socket;
        });
        return datagram;
    }
}
