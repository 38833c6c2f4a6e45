using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

/// <summary>A datagram socket on an event loop. This part opens and closes it, and handles its events.</summary>
internal sealed partial class EpollDatagram : DatagramTransport, IEpollHandler
{
    // Without EPOLLOUT, which is on only while a sender waits for room: otherwise each datagram that the network card has sent is an event.
    private const uint ReceiveEvents = LinuxConstants.EpollIn | LinuxConstants.EpollEdgeTriggered;

    private readonly EpollEngine _engine;
    private readonly EpollLoop _loop;
    private readonly SocketHandle _handle;
    private readonly WatchedOptions _options;
    private EndPoint? _local;

    private EpollDatagram(
        EpollEngine engine,
        EpollLoop loop,
        SocketHandle handle,
        AddressFamily family,
        EndPoint? remote,
        ConnectedPeer? peer,
        DatagramSocketOptions options)
        : base(engine, engine.ContinuationsOf(loop), family, remote)
    {
        _peer = peer;
        _wantsAddresses = peer is not null || remote is null;
        _senders = new KnownSenders(family);
        _engine = engine;
        _loop = loop;
        _handle = handle;
        _options = new WatchedOptions(new EpollSocketOptions(handle, family), ClearPathCache);
        _batchCount = options.ReceiveBatchSize;
        _batchSize = options.MaxDatagramSize;
        _isIp = family is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;
        EventData = loop.Reserve();
    }

    public ulong EventData { get; }

    public override EndPoint LocalEndPoint => _local ??= SocketAddresses.Local(_handle, Family);

    public override IOptionTarget Options => _options;

    /// <summary>Opens a socket and binds or connects it.</summary>
    /// <exception cref="SocketException">The system refuses.</exception>
    public static EpollDatagram Open(
        EpollEngine engine, EpollLoop loop, AddressFamily family, EndPoint? local, EndPoint? remote, DatagramSocketOptions options)
    {
        var handle = SocketHandle.Create(family, LinuxConstants.SockDgram, local is null ? "Connecting to" : "Binding to", local ?? remote!);
        try
        {
            var target = new EpollSocketOptions(handle, family);
            if (family == AddressFamily.InterNetworkV6)
            {
                target.EnableDualMode();
            }

            MulticastGroups.ReceiveOwnGroupsOnly(target, family);
            target.Apply(options);
            if (options is UdpSocketOptions udp)
            {
                target.Apply(family, udp);
            }

            if (local is not null)
            {
                EpollEngine.Check(SocketAddresses.Bind(handle, local), "Binding to", local);
            }

            if (remote is not null)
            {
                EpollEngine.Check(SocketAddresses.Connect(handle, remote), "Connecting to", remote);
            }

            return Start(engine, loop, handle, family, remote, options);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Makes the transport of a non-blocking socket that is bound or connected.</summary>
    public static EpollDatagram Start(
        EpollEngine engine,
        EpollLoop loop,
        SocketHandle handle,
        AddressFamily family,
        EndPoint? remote,
        DatagramSocketOptions options,
        UnixSocketFile? file = null)
    {
        EndPoint? name = remote is null ? null : AdoptedSocket.TryGetRemote(handle, family) ?? remote;
        EndPoint? shown = PeerForCallers(name, remote);
        var peer = ConnectedPeer.TryCreate(name is null ? null : EndPoints.PlainCopy(name), shown, family);
        var datagram = new EpollDatagram(engine, loop, handle, family, shown, peer, options) { File = file };
        try
        {
            datagram.EnableAncillaryData(options as UdpSocketOptions);
            loop.Register(handle, datagram, ReceiveEvents);
        }
        catch
        {
            loop.Release(datagram);
            throw;
        }

        try
        {
            datagram.Enlist();
        }
        catch
        {
            loop.Unregister(handle, datagram);
            throw;
        }

        return datagram;
    }

    public void OnEvents(uint events)
    {
        const uint failed = LinuxConstants.EpollErr | LinuxConstants.EpollHup;
        if ((events & (LinuxConstants.EpollOut | failed)) != 0)
        {
            OnWritable();
        }

        if ((events & (LinuxConstants.EpollIn | failed)) != 0)
        {
            ReceiveReadiness.Set();
        }
    }

    protected override void CloseCore(DisposalSteps steps)
    {
        steps.Run(CloseSending);
        base.CloseCore(steps);
        steps.Run(SnapshotDrops);
        steps.Run(() => _loop.Unregister(_handle, this));
        steps.Run(_handle.Dispose);
    }

    // Enables control messages and segmentation offload. A kernel without one of them receives and sends without it.
    private void EnableAncillaryData(UdpSocketOptions? options)
    {
        if (options is null || !_isIp)
        {
            return;
        }

        var target = new EpollSocketOptions(_handle, Family);
        bool isIPv6 = Family == AddressFamily.InterNetworkV6;
        if (options.ReceivePacketInfo)
        {
            Enable(target, isIPv6, LinuxConstants.IpPacketInfo, LinuxConstants.IPv6ReceivePacketInfo);
        }

        if (options.ReceiveTimeToLive)
        {
            Enable(target, isIPv6, LinuxConstants.IpReceiveTtl, LinuxConstants.IPv6ReceiveHopLimit);
        }

        if (options.ReceiveTrafficClass)
        {
            Enable(target, isIPv6, LinuxConstants.IpReceiveTos, LinuxConstants.IPv6ReceiveTClass);
        }

        // Coalesced datagrams are together as long as an IP packet can be.
        bool coalesces = _batchSize >= DatagramSocketOptions.DefaultMaxDatagramSize && TryEnable(target, LinuxConstants.SolUdp, LinuxConstants.UdpGro);
        _wantsControl |= coalesces;
        _maxSegment = CanSegment(target) ? MaxDeferred : 0;
    }

    // An IPv6 socket receives datagrams of both families.
    private void Enable(EpollSocketOptions target, bool isIPv6, int option, int optionV6)
    {
        _wantsControl = true;
        TryEnable(target, LinuxConstants.IpProtoIp, option);
        if (isIPv6)
        {
            TryEnable(target, LinuxConstants.IpProtoIPv6, optionV6);
        }
    }

    private static bool TryEnable(EpollSocketOptions target, int level, int name)
    {
        try
        {
            target.SetRawOption(level, name, [1, 0, 0, 0]);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    // Reads the option, because a kernel without UDP_SEGMENT ignores the control message and sends all segments as one long datagram.
    private static bool CanSegment(EpollSocketOptions target)
    {
        try
        {
            Span<byte> value = stackalloc byte[sizeof(int)];
            return target.GetRawOption(LinuxConstants.SolUdp, LinuxConstants.UdpSegment, value) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
