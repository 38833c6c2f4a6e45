using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollEngine
{
    public override Task<StreamTransport> ConnectAsync(
        UnixDomainSocketEndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        UnixSocket socket = CreateUnixSocket(SocketType.Stream, "Connecting to", endPoint);
        try
        {
            socket.Options.ApplyUnix(options);
            socket.Connect(endPoint);
            return Task.FromResult(socket.StartStream(endPoint, options));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Picks the loop for a connection that this process makes: the one that runs the caller, or the next in turn.</summary>
    public EpollLoop LoopForConnection() =>
        LoopTurn.Current?.Scheduler is EpollLoop current && ReferenceEquals(current.Engine, this) ? current : NextLoop();

    protected override UnixSocket CreateUnixSocket(SocketType type, string doing, EndPoint endPoint) =>
        new EpollUnixSocket(this, SocketHandle.Create(AddressFamily.Unix, NativeType(type), doing, endPoint));

    protected override (UnixSocket First, UnixSocket Second)? TryCreateUnixPair(SocketType type)
    {
        (SocketHandle first, SocketHandle second) = SocketPair.Create(NativeType(type));
        return (new EpollUnixSocket(this, first), new EpollUnixSocket(this, second));
    }

    private static int NativeType(SocketType type) => type == SocketType.Stream ? LinuxConstants.SockStream : LinuxConstants.SockDgram;
}
