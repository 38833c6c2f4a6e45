using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sluice.Engine.Interop;
using Sluice.Options;

namespace Sluice.Engine.Datagrams;

/// <summary>
/// Makes end points of the native addresses of datagrams. An IPv4 datagram has IPv4 addresses on an IPv6 socket as well, where the system maps them
/// (RFC 4291, 2.5.5.2).
/// </summary>
internal static class EndPoints
{
    private const int PortOffset = 2;
    private const int IpV4AddressOffset = 4;
    private const int IPv6AddressOffset = 8;
    private const int IPv6ScopeOffset = 24;
    private const int IPv6Size = 28;

    /// <summary>Makes an end point of a <c>sockaddr</c>. An empty one is that of a Unix domain socket without a name.</summary>
    public static EndPoint Parse(ReadOnlySpan<byte> native, AddressFamily family) => Plain(SocketAddresses.Parse(native, family));

    /// <summary>
    /// Whether an end point still equals this <c>sockaddr</c>, of which <see cref="Parse"/> made it: a caller may have set its properties.
    /// </summary>
    public static bool IsUnchanged(EndPoint endPoint, ReadOnlySpan<byte> native)
    {
        if (endPoint is not IPEndPoint ip)
        {
            // Immutable.
            return true;
        }

        // The layout is the same on each system, except for the first two bytes.
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

    /// <summary>Gets the four bytes of a mapped IPv4 address; all bytes of any other.</summary>
    public static ReadOnlySpan<byte> WithoutMap(ReadOnlySpan<byte> address)
    {
        ReadOnlySpan<byte> map = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];
        return address.StartsWith(map) ? address[map.Length..] : address;
    }

    /// <summary>Gets the address, or the IPv4 address that it maps.</summary>
    public static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Copies an end point, with a mapped address as an IPv4 address. Returns an immutable end point itself.</summary>
    public static EndPoint PlainCopy(EndPoint endPoint) => Plain(EndPointCopy.Of(endPoint));

    private static EndPoint Plain(EndPoint endPoint) =>
        endPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } ip ? new IPEndPoint(ip.Address.MapToIPv4(), ip.Port) : endPoint;
}
