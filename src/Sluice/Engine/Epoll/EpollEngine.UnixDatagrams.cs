using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice.Engine.Epoll;

internal sealed partial class EpollEngine
{
    public override async Task<DatagramTransport> OpenDatagramAsync(
        UnixDomainSocketEndPoint? local, UnixDomainSocketEndPoint? remote, UnixDatagramOptions options, CancellationToken cancellationToken)
    {
        var handle = SocketHandle.Create(
            AddressFamily.Unix, LinuxConstants.SockDgram, local is null ? "Connecting to" : "Binding to", (local ?? remote)!);
        UnixSocketFile? file = null;
        try
        {
            new EpollSocketOptions(handle, AddressFamily.Unix).ApplyUnix(options);
            if (local is not null)
            {
                file = await UnixSocketFile.BindAsync(
                    local,
                    handle,
                    () => ThrowIfFailed(SocketAddresses.Bind(handle, local), "Binding to", local),
                    options.FileMode,
                    options.DeleteOnClose,
                    TimeProvider,
                    cancellationToken).ConfigureAwait(false);
            }

            if (remote is not null)
            {
                ThrowIfFailed(SocketAddresses.Connect(handle, remote), "Connecting to", remote);
            }

            return EpollDatagram.Start(this, LoopForConnection(), handle, AddressFamily.Unix, remote, options, file);
        }
        catch
        {
            file?.Release();
            handle.Dispose();
            throw;
        }
    }

    public override (DatagramTransport First, DatagramTransport Second) CreateDatagramPair(UnixDatagramOptions options)
    {
        (SocketHandle first, SocketHandle second) = SocketPair.Create(LinuxConstants.SockDgram);
        EpollDatagram? started = null;
        try
        {
            started = StartUnnamedDatagram(first, options);
            return (started, StartUnnamedDatagram(second, options));
        }
        catch
        {
            started?.Close();
            first.Dispose();
            second.Dispose();
            throw;
        }
    }

    private EpollDatagram StartUnnamedDatagram(SocketHandle handle, UnixDatagramOptions options)
    {
        new EpollSocketOptions(handle, AddressFamily.Unix).ApplyUnix(options);
        return EpollDatagram.Start(this, LoopForConnection(), handle, AddressFamily.Unix, UnixEndPoints.Unnamed, options);
    }

    private static void ThrowIfFailed(SocketError error, string doing, EndPoint endPoint)
    {
        if (error != SocketError.Success)
        {
            throw UnixErrors.At(error, doing, endPoint);
        }
    }
}
