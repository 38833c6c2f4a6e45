using System.Net;
using System.Net.Sockets;

namespace Sluice.Cli.EndPoints;

/// <summary>Holds the sizes of datagrams.</summary>
internal static class DatagramSize
{
    /// <summary>The most bytes of a UDP datagram over IPv4: 65,535 without the headers of IP and UDP.</summary>
    public const int MostPayload = 65_507;

    // Over IPv6, the length does not count the header of IP (RFC 8200, 3).
    private const int MostPayloadOfIPv6 = 65_527;

    /// <summary>Gets the most bytes of a datagram to a peer.</summary>
    public static int MostPayloadTo(EndPoint? peer) =>
        peer is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6, Address.IsIPv4MappedToIPv6: false } ? MostPayloadOfIPv6 : MostPayload;

    /// <summary>Sends bytes of a stream, which may be more than a datagram has, as several datagrams.</summary>
    public static async ValueTask SplitAsync(ReadOnlyMemory<byte> bytes, int most, Func<ReadOnlyMemory<byte>, ValueTask> send)
    {
        for (ReadOnlyMemory<byte> rest = bytes; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, most)..])
        {
            await send(rest[..Math.Min(rest.Length, most)]);
        }
    }
}
