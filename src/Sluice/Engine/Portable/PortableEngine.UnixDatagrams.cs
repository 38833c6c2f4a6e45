using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice.Engine.Portable;

internal sealed partial class PortableEngine
{
    public override async Task<DatagramTransport> OpenDatagramAsync(
        UnixDomainSocketEndPoint? local, UnixDomainSocketEndPoint? remote, UnixDatagramOptions options, CancellationToken cancellationToken)
    {
        Socket socket = CreateUnixSocket(SocketType.Dgram);
        UnixSocketFile? file = null;
        try
        {
            new PortableSocketOptions(socket).ApplyUnix(options);
            if (local is not null)
            {
                var plain = new PlainUnixEndPoint(local);
                file = await UnixSocketFile.BindAsync(
                    local,
                    socket.SafeHandle,
                    () => socket.Bind(plain),
                    options.FileMode,
                    options.DeleteOnClose,
                    TimeProvider,
                    cancellationToken).ConfigureAwait(false);
                plain.IsBound = true;
            }

            if (remote is not null)
            {
                Connect(socket, remote);
            }

            return PortableDatagram.Start(this, socket, remote, options, file);
        }
        catch (SocketException exception) when (file is null && local is not null && exception.SocketErrorCode != SocketError.AddressAlreadyInUse)
        {
            socket.Dispose();
            throw UnixErrors.At(exception.SocketErrorCode, "Binding to", local);
        }
        catch
        {
            file?.Release();
            socket.Dispose();
            throw;
        }
    }

    public override (DatagramTransport First, DatagramTransport Second) CreateDatagramPair(UnixDatagramOptions options)
    {
        (Socket first, Socket second) = OperatingSystem.IsLinux() ? CreatePair() : CreatePairByName();
        PortableDatagram? started = null;
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

    /// <summary>The same for systems that the framework's sockets have no socketpair(2) on.</summary>
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

    private static (Socket First, Socket Second) CreatePair()
    {
        (SocketHandle first, SocketHandle second) = SocketPair.Create(LinuxConstants.SockDgram);
        return (TakeOver(first), TakeOver(second));
    }

    private PortableDatagram StartUnnamedDatagram(Socket socket, UnixDatagramOptions options)
    {
        new PortableSocketOptions(socket).ApplyUnix(options);
        return PortableDatagram.Start(this, socket, UnixEndPoints.Unnamed, options);
    }

    private static void Connect(Socket socket, UnixDomainSocketEndPoint remote)
    {
        try
        {
            socket.Connect(remote);
        }
        catch (SocketException exception)
        {
            throw UnixErrors.At(exception.SocketErrorCode, "Connecting to", remote);
        }
    }
}
