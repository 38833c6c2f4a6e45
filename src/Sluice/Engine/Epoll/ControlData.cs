using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using Sluice.Engine.Datagrams;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Epoll;

/// <summary>The control messages of a datagram (cmsg(3)).</summary>
internal ref struct ControlData
{
    /// <summary>The length of each datagram but the last, where the kernel has coalesced several (UDP_GRO, udp(7)); 0 for one datagram.</summary>
    public int SegmentSize;

    private ReadOnlySpan<byte> _address;
    private int _interface;
    private int? _timeToLive;
    private int? _trafficClass;

    // SAFETY: no pointers; the size of a struct is unsafe for the language alone.
    public static unsafe ControlData Parse(ReadOnlySpan<byte> control)
    {
        ControlData data = default;
        while (control.Length >= sizeof(Libc.ControlHeader))
        {
            Libc.ControlHeader header = MemoryMarshal.Read<Libc.ControlHeader>(control);
            int length = (int)header.Length;
            if (length < sizeof(Libc.ControlHeader) || length > control.Length)
            {
                break;
            }

            data.Read(header.Level, header.Type, control[sizeof(Libc.ControlHeader)..length]);
            control = control[Math.Min((length + IntPtr.Size - 1) & -IntPtr.Size, control.Length)..];
        }

        return data;
    }

    public readonly DatagramInfo Info(AddressCache<IPAddress> addresses)
    {
        if (_address.IsEmpty)
        {
            return new DatagramInfo(null, _interface, _timeToLive, _trafficClass);
        }

        if (!addresses.TryGet(_address, out IPAddress? local) || !EndPoints.IsUnchanged(local, _address, 0))
        {
            local = new IPAddress(_address);
            addresses.Set(_address, local);
        }

        return new DatagramInfo(local, _interface, _timeToLive, _trafficClass);
    }

    private void Read(int level, int type, ReadOnlySpan<byte> value)
    {
        switch (level, type)
        {
            case (LinuxConstants.SolUdp, LinuxConstants.UdpGro):
                SegmentSize = BinaryPrimitives.ReadUInt16LittleEndian(value);
                break;
            case (LinuxConstants.IpProtoIp, LinuxConstants.IpPacketInfo):
                // struct in_pktinfo (ip(7)): the interface, the local address, and the destination address of the header, which may be a
                // multicast or a broadcast address.
                _interface = MemoryMarshal.Read<int>(value);
                _address = value.Slice(8, 4);
                break;
            case (LinuxConstants.IpProtoIPv6, LinuxConstants.IPv6PacketInfo):
                // struct in6_pktinfo (RFC 3542, 6): the destination address, which is a mapped one for an IPv4 datagram, and the interface.
                _address = EndPoints.WithoutMap(value[..16]);
                _interface = MemoryMarshal.Read<int>(value[16..]);
                break;
            case (LinuxConstants.IpProtoIp, LinuxConstants.IpTtl) or (LinuxConstants.IpProtoIPv6, LinuxConstants.IPv6HopLimit):
                _timeToLive = MemoryMarshal.Read<int>(value);
                break;
            case (LinuxConstants.IpProtoIp, LinuxConstants.IpTos):
                _trafficClass = value[0];
                break;
            case (LinuxConstants.IpProtoIPv6, LinuxConstants.IPv6TClass):
                _trafficClass = MemoryMarshal.Read<int>(value);
                break;
        }
    }
}
