using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Portable;

internal sealed partial class PortableEngine
{
    public override async Task<StreamTransport> ConnectAsync(
        UnixDomainSocketEndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        TypeNames.ThrowIfDisposed(_stopping.IsCancellationRequested, TypeNames.SelectorManager);
        Socket socket = CreateUnixSocket();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token, cancellationToken);
        try
        {
            new PortableSocketOptions(socket).ApplyUnix(options);
            await socket.ConnectAsync(endPoint, end.Token).ConfigureAwait(false);
            return Start(socket, options);
        }
        catch (OperationCanceledException)
        {
            await end.Token.LeaveCancelAsync();
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(TypeNames.SelectorManager);
        }
        catch (SocketException exception)
        {
            OnConnectFailed(socket);
            throw UnixErrors.At(exception.SocketErrorCode, "Connecting to", endPoint);
        }
        catch
        {
            OnConnectFailed(socket);
            throw;
        }
    }

    /// <summary>Makes two datagram sockets that are connected to each other, for systems where .NET gives no access to socketpair(2).</summary>
    internal static (Socket First, Socket Second) CreatePairByName()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("sluice");
        Socket? first = null;
        Socket? second = null;
        try
        {
            var one = new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "1"));
            var two = new UnixDomainSocketEndPoint(Path.Combine(folder.FullName, "2"));
            first = CreateUnixSocket(SocketType.Dgram);
            second = CreateUnixSocket(SocketType.Dgram);
            first.Bind(new PlainUnixEndPoint(one));
            second.Bind(new PlainUnixEndPoint(two));
            first.Connect(two);
            second.Connect(one);
            return (first, second);
        }
        catch
        {
            first?.Dispose();
            second?.Dispose();
            throw;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    protected override UnixSocket CreateUnixSocket(SocketType type, string doing, EndPoint endPoint) => new PortableUnixSocket(this, CreateUnixSocket(type));

    protected override (UnixSocket First, UnixSocket Second)? TryCreateUnixPair(SocketType type)
    {
        if (!OperatingSystem.IsLinux() && type == SocketType.Stream)
        {
            return null;
        }

        (Socket first, Socket second) = OperatingSystem.IsLinux() ? CreatePair(type) : CreatePairByName();
        return (new PortableUnixSocket(this, first), new PortableUnixSocket(this, second));
    }

    private static (Socket First, Socket Second) CreatePair(SocketType type)
    {
        (SocketHandle first, SocketHandle second) = SocketPair.Create(type == SocketType.Stream ? LinuxConstants.SockStream : LinuxConstants.SockDgram);
        return (TakeOver(first), TakeOver(second));
    }

    private static Socket TakeOver(SocketHandle handle) => new(new SafeSocketHandle(handle.Take(), ownsHandle: true));

    private static Socket CreateUnixSocket(SocketType type = SocketType.Stream) => new(AddressFamily.Unix, type, ProtocolType.Unspecified);
}
