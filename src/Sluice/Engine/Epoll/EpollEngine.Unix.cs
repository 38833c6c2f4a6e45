using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollEngine
{
    public override async Task<ListenerTransport> BindAsync(
        UnixDomainSocketEndPoint endPoint, UnixListenerOptions options, CancellationToken cancellationToken)
    {
        SocketHandle handle = CreateSocket("Binding to", endPoint);
        UnixSocketFile? file = null;
        try
        {
            file = await UnixSocketFile.BindAsync(
                endPoint,
                handle,
                () => ThrowIfFailed(SocketAddresses.Bind(handle, endPoint), "Binding to", endPoint),
                options.FileMode,
                options.DeleteOnClose,
                TimeProvider,
                cancellationToken).ConfigureAwait(false);
            Check(Listen(handle, options.Backlog), "Listening at", endPoint);
            return EpollListener.Start(this, NextLoop(), handle, AddressFamily.Unix, options.Accepted, file);
        }
        catch
        {
            file?.Release();
            handle.Dispose();
            throw;
        }
    }

    public override Task<StreamTransport> ConnectAsync(
        UnixDomainSocketEndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        SocketHandle handle = CreateSocket("Connecting to", endPoint);
        try
        {
            new EpollSocketOptions(handle, AddressFamily.Unix).ApplyUnix(options);

            // Connected when it returns, or refused: this kind knows no connect in progress (unix(7)).
            SocketError error = SocketAddresses.Connect(handle, endPoint);
            return error == SocketError.Success
                ? Task.FromResult<StreamTransport>(EpollStream.Start(this, LoopForConnection(), handle, endPoint, options))
                : throw UnixErrors.At(error == SocketError.InProgress ? SocketError.WouldBlock : error, "Connecting to", endPoint);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public override (StreamTransport First, StreamTransport Second)? TryCreatePair(StreamSocketOptions options)
    {
        (SocketHandle first, SocketHandle second) = SocketPair.Create(LinuxConstants.SockStream);
        EpollStream? started = null;
        try
        {
            started = StartUnnamed(first, options);
            return (started, StartUnnamed(second, options));
        }
        catch
        {
            started?.Close();
            first.Dispose();
            second.Dispose();
            throw;
        }
    }

    private EpollStream StartUnnamed(SocketHandle handle, StreamSocketOptions options)
    {
        new EpollSocketOptions(handle, AddressFamily.Unix).ApplyUnix(options);
        return EpollStream.Start(this, LoopForConnection(), handle, UnixEndPoints.Unnamed, options);
    }

    private EpollLoop LoopForConnection() =>
        Scheduling.LoopTurn.Current?.Scheduler is EpollLoop current && ReferenceEquals(current.Engine, this) ? current : NextLoop();
}
