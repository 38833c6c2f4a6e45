using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;

namespace Sluice.Engine.Portable;

internal sealed partial class PortableEngine
{
    public override StreamTransport AdoptStream(AdoptableSocket socket, StreamSocketOptions options)
    {
        Socket own = GetSocket(socket, SocketType.Stream);
        bool listens = IsListening(own);
        try
        {
            if (listens || PortableEndPoints.Remote(own) is null)
            {
                throw AdoptableSocket.NotConnected(listens);
            }

            new PortableSocketOptions(own).ApplyConnected(options, own.AddressFamily);
            return Start(own, options);
        }
        catch
        {
            Abandon(socket, own);
            throw;
        }
    }

    public override ListenerTransport AdoptListener(AdoptableSocket socket, StreamSocketOptions accepted, UnixSocketFile? file, int backlog)
    {
        Socket own = GetSocket(socket, SocketType.Stream);
        bool listens = IsListening(own);
        try
        {
            if (!listens)
            {
                if (!IsBound(own) || PortableEndPoints.Remote(own) is not null)
                {
                    throw AdoptableSocket.NotListening();
                }

                own.Listen(backlog);
            }

            if (own.AddressFamily == AddressFamily.Unix && OperatingSystem.IsLinux())
            {
                Socket copy = CopyUnix(own);
                CloseCopied(own);
                own = copy;
            }

            return StartListener(own, accepted, file);
        }
        catch
        {
            Abandon(socket, own);
            throw;
        }
    }

    public override DatagramTransport AdoptDatagram(AdoptableSocket socket, UdpSocketOptions options)
    {
        Socket own = GetSocket(socket, SocketType.Dgram);
        try
        {
            PortableDatagram.Adopt(own, options);
            return PortableDatagram.Start(this, own, PortableEndPoints.Remote(own), options);
        }
        catch
        {
            Abandon(socket, own);
            throw;
        }
    }

    /// <summary>Makes a Socket for the same listener, with a descriptor of another number. The caller closes the first with <see cref="CloseCopied"/>.</summary>
    public static Socket Copy(Socket listener) =>
        listener.AddressFamily == AddressFamily.Unix ? CopyUnix(listener) : HandleTransfer.DuplicateAsSocket(listener.SafeHandle);

    /// <summary>Closes a descriptor of a listener that another Socket has a copy of. Neither the listener nor its file ends.</summary>
    public static void CloseCopied(Socket listener)
    {
        // The framework sets SO_LINGER to 0 before it closes the descriptor (dotnet/runtime, SafeSocketHandle.DoCloseHandle), and each connection that the
        // listener accepts would inherit that. So the descriptor refers to another socket by then.
        using (SocketHandle other = SocketHandle.Create(AddressFamily.InterNetwork, LinuxConstants.SockStream))
        {
            HandleTransfer.Replace(listener.SafeHandle, other);
        }

        listener.SafeHandle.Dispose();
#pragma warning disable CA1816 // This is no Dispose. The finalizer would delete the file that the listener was bound to.
        GC.SuppressFinalize(listener);
#pragma warning restore CA1816
    }

    // Makes a Socket that is bound by a PlainUnixEndPoint; see there for the reason. The new Socket has made no system call beyond listen(2) yet, so it
    // does not depend on the descriptor that this replaces.
    private static Socket CopyUnix(Socket listener)
    {
        var plain = new PlainUnixEndPoint(new UnixDomainSocketEndPoint($"\0sluice-{Guid.NewGuid():n}"));
        Socket reopened = CreateUnixSocket();
        try
        {
            reopened.Bind(plain);
            plain.IsBound = true;
            reopened.Listen(1);
            HandleTransfer.Replace(reopened.SafeHandle, listener.SafeHandle);
        }
        catch
        {
            reopened.Dispose();
            throw;
        }

        return reopened;
    }

    private static Socket GetSocket(AdoptableSocket socket, SocketType wanted)
    {
        Socket own;
        socket.Claim();
        try
        {
            own = socket.ToSocket();
        }
        catch (Exception exception)
        {
            socket.Unclaim();
            if (exception is SocketException { SocketErrorCode: SocketError.NotSocket } or ArgumentException)
            {
                throw AdoptableSocket.NotASocket();
            }

            throw;
        }

        if (!AdoptableSocket.IsRightKind(own.SocketType, own.AddressFamily, wanted))
        {
            Abandon(socket, own);
            throw own.SocketType == SocketType.Unknown ? AdoptableSocket.NotASocket() : AdoptableSocket.WrongKind(own.SocketType, own.AddressFamily, wanted);
        }

        return own;
    }

    // After a failure: leaves the handle to the caller that passed it.
    private static void Abandon(AdoptableSocket socket, Socket own)
    {
        socket.Unclaim();
        if (socket.Handle is not SafeSocketHandle)
        {
            own.Dispose();
        }
        else if (!ReferenceEquals(socket.Socket, own))
        {
#pragma warning disable CA1816 // This is no Dispose. The finalizer would close the handle.
            GC.SuppressFinalize(own);
#pragma warning restore CA1816
        }
    }

    private static bool IsBound(Socket socket)
    {
        try
        {
            return AdoptableSocket.IsBound(PortableEndPoints.Local(socket));
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static bool IsListening(Socket socket)
    {
        try
        {
            return socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.AcceptConnection) is int and not 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
