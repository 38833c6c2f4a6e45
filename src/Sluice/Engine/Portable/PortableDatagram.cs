using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Portable;

/// <summary>A datagram socket on a <see cref="Socket"/>. This part opens and closes it, and sends.</summary>
internal sealed partial class PortableDatagram : DatagramTransport
{
    // SIO_UDP_CONNRESET, mstcpip.h. While it is on, an unreachable port fails a later receive, even on a socket that is not connected.
    private const int WindowsConnectionReset = unchecked((int)0x9800000C);

    private readonly PortableEngine _engine;
    private readonly Socket _socket;
    private readonly Lock _addressesLock = new();

    // Under _addressesLock.
    private readonly AddressCache<SocketAddress> _addresses = new();
    private EndPoint? _local;

    private PortableDatagram(PortableEngine engine, Socket socket, EndPoint? remote, ConnectedPeer? peer, DatagramSocketOptions options)
        : base(engine, engine.Scheduler, socket.AddressFamily, remote)
    {
        _peer = peer;
        _senders = new KnownSenders(socket.AddressFamily);
        _engine = engine;
        _socket = socket;

        // For the synchronous sends. The asynchronous calls set it as well.
        socket.Blocking = false;
        _onReceived = OnReceived;
        _wantsPacketInfo = options is UdpSocketOptions { ReceivePacketInfo: true };
        _maxSize = options.MaxDatagramSize;
        _from = new SocketAddress(socket.AddressFamily, NativeAddress.MaxSize);
        _anySender = AnySender(socket.AddressFamily);
    }

    public override EndPoint LocalEndPoint => _local ??= PortableEndPoints.Local(_socket);

    public override IOptionTarget Options => new PortableSocketOptions(_socket);

    /// <summary>Opens a socket and binds or connects it.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static PortableDatagram Open(
        PortableEngine engine, AddressFamily family, EndPoint? local, EndPoint? remote, DatagramSocketOptions options)
    {
        EndPoint at = local ?? remote!;
        Socket socket = PortableEngine.CreateSocket(
            SocketType.Dgram, ProtocolType.Unspecified, family, local is null ? "Connecting to" : "Binding to", at);
        try
        {
            IOptionTarget target = new PortableSocketOptions(socket);
            MulticastGroups.ReceiveOwnGroupsOnly(target, family);
            target.Apply(options);
            if (options is UdpSocketOptions udp)
            {
                target.Apply(family, udp);
                ApplyReceiveOptions(socket, udp, remote is not null);
            }

            if (local is not null)
            {
                socket.Bind(local);
            }

            if (remote is not null)
            {
                at = remote;
                socket.Connect(remote);
            }

            return Start(engine, socket, remote, options);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw SocketErrors.At(exception.SocketErrorCode, ReferenceEquals(at, remote) ? "Connecting to" : "Binding to", at);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Makes the transport of a socket that is bound or connected.</summary>
    public static PortableDatagram Start(
        PortableEngine engine, Socket socket, EndPoint? remote, DatagramSocketOptions options, UnixSocketFile? file = null)
    {
        EndPoint? name = remote is null ? null : PortableEndPoints.Remote(socket) ?? remote;
        EndPoint? shown = PeerForCallers(name, remote);
        var peer = ConnectedPeer.TryCreate(name is null ? null : EndPoints.PlainCopy(name), shown, socket.AddressFamily);
        var datagram = new PortableDatagram(engine, socket, shown, peer, options) { File = file };
        datagram.Enlist();
        return datagram;
    }

    public override bool TrySend(ReadOnlySpan<byte> bytes, EndPoint? remote)
    {
        try
        {
            if (remote is not null)
            {
                _socket.SendTo(bytes, SocketFlags.None, AddressOf(remote));
                return true;
            }

            _socket.Send(bytes, SocketFlags.None, out SocketError error);
            return error == SocketError.Success || (error == SocketError.WouldBlock ? false : throw Failed(error, SendingTo(remote)));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.WouldBlock)
        {
            return false;
        }
        catch (SocketException exception) when (remote is not null)
        {
            throw Failed(exception.SocketErrorCode, SendingTo(remote));
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }
    }

    public override int TrySend(ReadOnlySpan<OutgoingDatagram> datagrams)
    {
        int sent = 0;
        try
        {
            while (sent < datagrams.Length && TrySend(datagrams[sent].Payload.Span, datagrams[sent].RemoteEndPoint))
            {
                sent++;
            }
        }
        catch (SocketException) when (sent > 0)
        {
            // The call for the rest gets the error.
        }

        return sent;
    }

    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, EndPoint? remote, CancellationToken cancellationToken)
    {
        try
        {
            if (remote is null)
            {
                await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await _socket.SendToAsync(bytes, SocketFlags.None, AddressOf(remote), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (SocketException exception)
        {
            throw Failed(exception.SocketErrorCode, SendingTo(remote));
        }
        catch (ObjectDisposedException)
        {
            throw Closed();
        }
        finally
        {
            await cancellationToken.LeaveCancelAsync();
        }
    }

    public override async ValueTask<int> SendAsync(ReadOnlyMemory<OutgoingDatagram> datagrams, CancellationToken cancellationToken)
    {
        for (int sent = 0; sent < datagrams.Length; sent++)
        {
            OutgoingDatagram datagram = datagrams.Span[sent];
            try
            {
                await SendAsync(datagram.Payload, datagram.RemoteEndPoint, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (sent > 0 && exception is SocketException or OperationCanceledException)
            {
                return sent;
            }
        }

        return datagrams.Length;
    }

    protected override void CloseCore(DisposalSteps steps)
    {
        base.CloseCore(steps);
        steps.Run(SnapshotDrops);
        steps.Run(_socket.Dispose);
        steps.Run(DropReceived);
    }

    /// <summary>Applies the options that can be set on an adopted socket.</summary>
    /// <exception cref="PlatformNotSupportedException">The engine or the system does not support an option.</exception>
    public static void Adopt(Socket socket, UdpSocketOptions options)
    {
        new PortableSocketOptions(socket).ApplyAdopted(options, socket.AddressFamily);
        if (socket.AddressFamily != AddressFamily.Unix)
        {
            ApplyReceiveOptions(socket, options, socket.Connected);
        }
    }

    private static void ApplyReceiveOptions(Socket socket, UdpSocketOptions options, bool isConnected)
    {
        if (options.ReceiveTimeToLive)
        {
            throw new PlatformNotSupportedException("The socket option ReceiveTimeToLive needs the epoll engine.");
        }

        if (options.ReceiveTrafficClass)
        {
            throw new PlatformNotSupportedException("The socket option ReceiveTrafficClass needs the epoll engine.");
        }

        if (options.ReceivePacketInfo)
        {
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
            if (socket.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.SetSocketOption(SocketOptionLevel.IPv6, SocketOptionName.PacketInformation, true);
            }
        }

        if (OperatingSystem.IsWindows() && !isConnected)
        {
            socket.IOControl(WindowsConnectionReset, [0, 0, 0, 0], null);
        }
    }

    private static EndPoint AnySender(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => new IPEndPoint(IPAddress.Any, 0),
        AddressFamily.InterNetworkV6 => new IPEndPoint(IPAddress.IPv6Any, 0),
        _ => new UnixDomainSocketEndPoint("/"),
    };

    private Exception Failed(SocketError error, string doing)
    {
        // A close ends a call in progress with one of several errors.
        if (ReceiveReadiness.IsClosed)
        {
            return Closed();
        }

        // Windows reports an unreachable port as a reset (WSAECONNRESET, recvfrom).
        return SocketErrors.During(error == SocketError.ConnectionReset ? SocketError.ConnectionRefused : error, doing);
    }

    // The native address of an end point, from a cache, because it allocates.
    private SocketAddress AddressOf(EndPoint endPoint)
    {
        NativeAddress key = default;
        key.Set(endPoint, Family);
        lock (_addressesLock)
        {
            if (!_addresses.TryGet(key.Bytes, out SocketAddress? address))
            {
                address = Serialize(endPoint, key);
                _addresses.Set(key.Bytes, address);
            }

            return address;
        }
    }

    // The cache keeps it: an end point of a type of the user's may return an address that changes, so that of the key is copied.
    private SocketAddress Serialize(EndPoint endPoint, in NativeAddress key)
    {
        if (endPoint is IPEndPoint)
        {
            return Mapped(EndPointCopy.Of(endPoint)).Serialize();
        }

        var address = new SocketAddress(endPoint.AddressFamily, key.Length);
        key.Bytes.CopyTo(address.Buffer.Span);
        return address;
    }

    private EndPoint Mapped(EndPoint endPoint)
    {
        if (endPoint is not IPEndPoint ip || ip.AddressFamily == Family)
        {
            return endPoint;
        }

        return new IPEndPoint(Family == AddressFamily.InterNetwork ? ip.Address.MapToIPv4() : ip.Address.MapToIPv6(), ip.Port);
    }
}
