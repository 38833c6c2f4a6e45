using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

/// <summary>A datagram socket on an event loop: making and closing it, and its events.</summary>
internal sealed partial class EpollDatagram : DatagramTransport, IEpollHandler
{
    // No EPOLLOUT, unless somebody waits for room: each datagram that has left would be an event.
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

    /// <summary>Makes a socket.</summary>
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

            MulticastGroups.HearOwnAlone(target, family);
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

    /// <summary>Takes over a socket that is bound or connected, and does not block.</summary>
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
        EndPoint? shown = Shown(name, remote);
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

    // What the kernel may tell, and do for us; without it, it goes on as it did before there was such a thing.
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
            Ask(target, isIPv6, LinuxConstants.IpPacketInfo, LinuxConstants.IPv6ReceivePacketInfo);
        }

        if (options.ReceiveTimeToLive)
        {
            Ask(target, isIPv6, LinuxConstants.IpReceiveTtl, LinuxConstants.IPv6ReceiveHopLimit);
        }

        if (options.ReceiveTrafficClass)
        {
            Ask(target, isIPv6, LinuxConstants.IpReceiveTos, LinuxConstants.IPv6ReceiveTClass);
        }

        // A train of datagrams is as long as an IP packet may be.
        bool coalesces = _batchSize >= DatagramSocketOptions.DefaultMaxDatagramSize && TrySet(target, LinuxConstants.SolUdp, LinuxConstants.UdpGro);
        _wantsControl |= coalesces;
        _maxSegment = CanCut(target) ? MaxDeferred : 0;
    }

    // An IPv6 socket gets datagrams of both families.
    private void Ask(EpollSocketOptions target, bool isIPv6, int option, int optionV6)
    {
        _wantsControl = true;
        TrySet(target, LinuxConstants.IpProtoIp, option);
        if (isIPv6)
        {
            TrySet(target, LinuxConstants.IpProtoIPv6, optionV6);
        }
    }

    private static bool TrySet(EpollSocketOptions target, int level, int name)
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

    // Asked and not tried: a kernel that does not know would send a train as one long datagram.
    private static bool CanCut(EpollSocketOptions target)
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
