using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Options;

namespace Sluice;

public sealed partial class DatagramSocket
{
    /// <summary>
    /// Receives from now on what is sent to a multicast group, at the port the socket is bound to. A socket that Sluice has made hears the groups it has
    /// joined itself, and none that another socket of the machine has joined (<c>IP_MULTICAST_ALL</c>, ip(7)).
    /// </summary>
    /// <param name="group">The group: an IPv4 or IPv6 multicast address.</param>
    /// <param name="interfaceIndex">The number of the interface to listen at, as <see cref="System.Net.NetworkInformation.NetworkInterface"/>
    /// tells it. Default: 0, the system's choice.</param>
    /// <exception cref="SocketException">The system refuses: there is no such interface, the group was joined there already, or the socket is in
    /// too many groups.</exception>
    /// <exception cref="ArgumentException">It is no multicast address.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void JoinGroup(IPAddress group, int interfaceIndex = 0) => ChangeMembership(group, null, interfaceIndex, join: true);

    /// <summary>
    /// Receives from now on what one source sends to a multicast group (source-specific multicast, RFC 4607). To be called once for each
    /// source.
    /// </summary>
    /// <param name="group">The group: an IPv4 or IPv6 multicast address.</param>
    /// <param name="source">Who sends, of the same family.</param>
    /// <param name="interfaceIndex">The number of the interface to listen at. Default: 0, the system's choice.</param>
    /// <inheritdoc cref="JoinGroup(IPAddress, int)" path="/exception"/>
    public void JoinGroup(IPAddress group, IPAddress source, int interfaceIndex = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        ChangeMembership(group, source, interfaceIndex, join: true);
    }

    /// <summary>Ends what <see cref="JoinGroup(IPAddress, int)"/> began, with the same arguments. Closing the socket does so too.</summary>
    /// <param name="group">The group.</param>
    /// <param name="interfaceIndex">The number of the interface, as it was said when joining.</param>
    /// <exception cref="SocketException">The socket is not in this group.</exception>
    /// <exception cref="ArgumentException">It is no multicast address.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void LeaveGroup(IPAddress group, int interfaceIndex = 0) => ChangeMembership(group, null, interfaceIndex, join: false);

    /// <summary>Ends what <see cref="JoinGroup(IPAddress, IPAddress, int)"/> began, with the same arguments.</summary>
    /// <param name="group">The group.</param>
    /// <param name="source">Who sends.</param>
    /// <param name="interfaceIndex">The number of the interface, as it was said when joining.</param>
    /// <inheritdoc cref="LeaveGroup(IPAddress, int)" path="/exception"/>
    public void LeaveGroup(IPAddress group, IPAddress source, int interfaceIndex = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        ChangeMembership(group, source, interfaceIndex, join: false);
    }

    private void ChangeMembership(IPAddress group, IPAddress? source, int interfaceIndex, bool join)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentOutOfRangeException.ThrowIfNegative(interfaceIndex);
        if (!IsMulticast(group))
        {
            throw new ArgumentException($"{group} is no multicast address.", nameof(group));
        }

        if (source is not null && source.AddressFamily != group.AddressFamily)
        {
            throw new ArgumentException($"{source} is not of the family of {group}.", nameof(source));
        }

        try
        {
            MulticastGroups.Change(_transport.Options, group, source, interfaceIndex, join);
        }
        catch (SocketException exception)
        {
            string from = source is null ? string.Empty : $" from {source}";
            string at = interfaceIndex == 0 ? string.Empty : $" at the interface {interfaceIndex}";
            throw SocketErrors.During(exception.SocketErrorCode, $"{(join ? "Joining" : "Leaving")} the group {group}{from}{at}");
        }
    }

    // 224.0.0.0/4 (RFC 1112)
    private static bool IsMulticast(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        return address.TryWriteBytes(bytes, out _)
            && (address.AddressFamily == AddressFamily.InterNetwork ? (bytes[0] & 0xf0) == 0xe0 : address.IsIPv6Multicast);
    }
}
