using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Engine.Interop;
using Sluice.Options;

namespace Sluice.Engine.Datagrams;

/// <summary>
/// Makes the end points of datagrams out of what the system says. An IPv4 datagram has IPv4 addresses, also at an IPv6 socket, where the system
/// maps them (RFC 4291, 2.5.5.2).
/// </summary>
internal static class EndPoints
{
    private const int PortOffset = 2;
    private const int IpV4AddressOffset = 4;
    private const int IPv6AddressOffset = 8;
    private const int IPv6ScopeOffset = 24;
    private const int IPv6Size = 28;

    /// <summary>An end point out of a <c>sockaddr</c>. An empty one is that of a Unix domain socket without a name.</summary>
    public static EndPoint Parse(ReadOnlySpan<byte> native, AddressFamily family) => Plain(SocketAddresses.Parse(native, family));

    /// <summary>
    /// Whether an end point is still what <see cref="Parse"/> made of this <c>sockaddr</c>: a caller who got it may have set its properties.
    /// </summary>
    public static bool IsUnchanged(EndPoint endPoint, ReadOnlySpan<byte> native)
    {
        if (endPoint is not IPEndPoint ip)
        {
            // Immutable.
            return true;
        }

        // The same layout on every system, but for the first two bytes.
        return ip.Port == BinaryPrimitives.ReadUInt16BigEndian(native[PortOffset..])
            && (native.Length < IPv6Size
                ? IsUnchanged(ip.Address, native.Slice(IpV4AddressOffset, 4), 0)
                : IsUnchanged(ip.Address, WithoutMap(native[IPv6AddressOffset..IPv6ScopeOffset]), Unsafe.ReadUnaligned<uint>(in native[IPv6ScopeOffset])));
    }

    /// <summary>Whether an address still has these bytes.</summary>
    public static bool IsUnchanged(IPAddress address, ReadOnlySpan<byte> bytes, uint scope)
    {
        Span<byte> now = stackalloc byte[16];
        return address.TryWriteBytes(now, out int length)
            && bytes.SequenceEqual(now[..length])
            && (length == 4 || (uint)address.ScopeId == scope);
    }

    /// <summary>Of a mapped IPv4 address the four bytes of IPv4; of another all.</summary>
    public static ReadOnlySpan<byte> WithoutMap(ReadOnlySpan<byte> address)
    {
        ReadOnlySpan<byte> map = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
        return address.StartsWith(map) ? address[map.Length..] : address;
    }

    /// <summary>The address itself, or the IPv4 address that it maps.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>A copy that nobody else has, with a mapped address plain. Of an end point that is immutable the same object.</summary>
    public static EndPoint PlainCopy(EndPoint endPoint) => Plain(EndPointCopy.Of(endPoint));

    private static EndPoint Plain(EndPoint endPoint) =>
        endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } ip ? new IPEndPoint(ip.Address.MapToIPv4(), ip.Port) : endPoint;
}
