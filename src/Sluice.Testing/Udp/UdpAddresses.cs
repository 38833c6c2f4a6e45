using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;

namespace Sluice.Testing.Udp;

/// <summary>The addresses of more than one receiver, and the interfaces: a host has two.</summary>
internal static class UdpAddresses
{
    /// <summary>The index of the interface that reaches the host itself.</summary>
    public const int Loopback = 1;

    /// <summary>The index of the interface that reaches every other host.</summary>
    public const int Network = 2;

    /// <summary>Gets the broadcast address of the loopback interface.</summary>
    public static IPAddress LoopbackBroadcast { get; } = new([127, 255, 255, 255]);

    /// <summary>Whether it is the limited broadcast address, or that of the loopback interface. The network has no subnets, and so no others.</summary>
    public static bool IsBroadcast(IPAddress address) => address.Equals(IPAddress.Broadcast) || address.Equals(LoopbackBroadcast);

    public static bool IsMany(IPAddress address) => IsBroadcast(address) || MulticastGroups.IsGroup(address);

    /// <summary>Gets a group without the interface that an end point can name with it.</summary>
    public static IPAddress WithoutScope(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
}
