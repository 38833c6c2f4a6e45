using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Portable;

internal sealed partial class PortableEngine
{
    public override async Task<ListenerTransport> BindAsync(
        UnixDomainSocketEndPoint endPoint, UnixListenerOptions options, CancellationToken cancellationToken)
    {
        Socket socket = CreateUnixSocket();
        UnixSocketFile? file = null;
        try
        {
            var plain = new PlainUnixEndPoint(endPoint);
            file = await UnixSocketFile.BindAsync(
                endPoint,
                socket.SafeHandle,
                () => socket.Bind(plain),
                options.FileMode,
                options.DeleteOnClose,
                TimeProvider,
                cancellationToken).ConfigureAwait(false);
            plain.IsBound = true;
            socket.Listen(options.Backlog);
            var listener = new PortableListener(this, socket, options.Accepted) { File = file };
            listener.Enlist();
            return listener;
        }
        catch (SocketException exception)
        {
            file?.Release();
            socket.Dispose();
            throw exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? exception
                : UnixErrors.At(exception.SocketErrorCode, "Binding to", endPoint);
        }
        catch
        {
            file?.Release();
            socket.Dispose();
            throw;
        }
    }

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
            socket.Dispose();
            TypeNames.ThrowIfDisposed(_stopping.IsCancellationRequested, TypeNames.SelectorManager);
            throw UnixErrors.At(exception.SocketErrorCode, "Connecting to", endPoint);
        }
        catch
        {
            socket.Dispose();
            TypeNames.ThrowIfDisposed(_stopping.IsCancellationRequested, TypeNames.SelectorManager);
            throw;
        }
    }

    public override (StreamTransport First, StreamTransport Second)? TryCreatePair(StreamSocketOptions options)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        (SocketHandle first, SocketHandle second) = SocketPair.Create(LinuxConstants.SockStream);
        Socket one = TakeOver(first);
        Socket two = TakeOver(second);
        PortableStream? started = null;
        try
        {
            started = Start(one, options);
            started.Options.ApplyUnix(options);
            PortableStream other = Start(two, options);
            other.Options.ApplyUnix(options);
            return (started, other);
        }
        catch
        {
            started?.Close();
            one.Dispose();
            two.Dispose();
            throw;
        }
    }

    private static Socket TakeOver(SocketHandle handle) => new(new SafeSocketHandle(handle.Take(), ownsHandle: true));

    private static Socket CreateUnixSocket(SocketType type = SocketType.Stream) => new(AddressFamily.Unix, type, ProtocolType.Unspecified);
}
