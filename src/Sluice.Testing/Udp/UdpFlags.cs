using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Options;

namespace Sluice.Testing.Udp;

/// <summary>Reads the options of a socket that decide about groups and broadcasts.</summary>
/// <param name="target">The options of the socket.</param>
/// <param name="family">The family of the socket.</param>
/// <param name="multicastInterface">Reads the interface for groups, 0 for none.</param>
internal sealed class UdpFlags(IOptionTarget target, AddressFamily family, Func<int> multicastInterface)
{
    public bool Broadcast => target.Get(family, DatagramOption.Broadcast) != 0;

    public bool MulticastLoopback => target.Get(family, DatagramOption.MulticastLoopback) != 0;

    public int MulticastTimeToLive => target.Get(family, DatagramOption.MulticastTimeToLive);

    public int MulticastInterface => multicastInterface();

    /// <summary>Sets the defaults of Linux (ip(7)).</summary>
    public static void SetDefaults(IOptionTarget target, AddressFamily family)
    {
        target.Set(family, DatagramOption.Broadcast, 0);
        target.Set(family, DatagramOption.TimeToLive, 64);
        target.Set(family, DatagramOption.MulticastTimeToLive, 1);
        target.Set(family, DatagramOption.MulticastLoopback, 1);
        target.Set(family, DatagramOption.MulticastInterface, 0);
        target.Set(family, DatagramOption.DontFragment, 1);
    }
}
