using System.Net;
using System.Net.Sockets;
using Sluice.Testing.Scheduling;

namespace Sluice.Testing.Tcp;

/// <summary>The rules of local addresses and ports.</summary>
internal static class LocalPorts
{
    // ip_local_port_range of Linux.
    private const int FirstEphemeralPort = 32768;
    private const int EphemeralPorts = 28232;

    public static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    /// <summary>
    /// Gets the end point that a packet goes to, as a copy: any address is that of the host itself, and an IPv4 address can be written as one of IPv6.
    /// </summary>
    public static IPEndPoint ToDestination(IPEndPoint remote) => remote.Address switch
    {
        var any when any.Equals(IPAddress.Any) => new IPEndPoint(IPAddress.Loopback, remote.Port),
        var any when any.Equals(IPAddress.IPv6Any) => new IPEndPoint(IPAddress.IPv6Loopback, remote.Port),
        { IsIPv4MappedToIPv6: true } mapped => ToDestination(new IPEndPoint(mapped.MapToIPv4(), remote.Port)),
        _ => new IPEndPoint(remote.Address, remote.Port),
    };

    /// <summary>Whether a socket that is bound to an end point receives what is sent to another.</summary>
    public static bool Covers(IPEndPoint bound, TcpSettings settings, IPEndPoint endPoint) =>
        bound.Port == endPoint.Port && Covers(bound.Address, endPoint.Address, settings.IPv6Only);

    /// <summary>Whether two sockets claim the same end point.</summary>
    public static bool Overlap(IPEndPoint one, TcpSettings ofOne, IPEndPoint other, TcpSettings ofOther) => one.Port == other.Port
        && (Covers(one.Address, other.Address, ofOne.IPv6Only) || Covers(other.Address, one.Address, ofOther.IPv6Only));

    /// <summary>Picks a free port, at random.</summary>
    /// <exception cref="SocketException">There is none.</exception>
    public static int Pick(SeededRandom random, Func<int, bool> isFree)
    {
        int first = random.Next(EphemeralPorts);
        for (int i = 0; i < EphemeralPorts; i++)
        {
            int port = FirstEphemeralPort + ((first + i) % EphemeralPorts);
            if (isFree(port))
            {
                return port;
            }
        }

        throw new SocketException((int)SocketError.AddressAlreadyInUse);
    }

    // A socket at :: also has the IPv4 addresses, unless it is of IPv6 alone (ipv6(7), IPV6_V6ONLY).
    private static bool Covers(IPAddress bound, IPAddress address, bool v6Only) =>
        bound.Equals(address) || (IsAny(bound) && (bound.AddressFamily == address.AddressFamily || (bound.AddressFamily == AddressFamily.InterNetworkV6 && !v6Only)));
}
