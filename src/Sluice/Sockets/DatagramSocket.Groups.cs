using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Datagrams;
using Sluice.Options;

namespace Sluice;

public sealed partial class DatagramSocket
{
    /// <summary>
    /// Joins a multicast group: the socket then receives what is sent to the group at the socket's port. A socket that Sluice has made receives only from
    /// groups that it has joined itself, and not from those that other sockets of the machine have joined (<c>IP_MULTICAST_ALL</c>, ip(7)).
    /// </summary>
    /// <param name="group">The group: an IPv4 or IPv6 multicast address.</param>
    /// <param name="interfaceIndex">The index of the interface to listen at, as <see cref="System.Net.NetworkInformation.NetworkInterface"/>
    /// has it. Default: 0, the system's choice.</param>
    /// <exception cref="SocketException">The system refuses: there is no such interface, the group was joined there already, or the socket is in
    /// too many groups.</exception>
    /// <exception cref="ArgumentException">The group is not a multicast address.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void JoinGroup(IPAddress group, int interfaceIndex = 0) => ChangeMembership(group, null, interfaceIndex, join: true);

    /// <summary>
    /// Joins a multicast group for one source (source-specific multicast, RFC 4607): the socket then receives what that source sends to the group. Call it
    /// once for each source.
    /// </summary>
    /// <param name="group">The group: an IPv4 or IPv6 multicast address.</param>
    /// <param name="source">The address of the sender, of the same family.</param>
    /// <param name="interfaceIndex">The index of the interface to listen at. Default: 0, the system's choice.</param>
    /// <inheritdoc cref="JoinGroup(IPAddress, int)" path="/exception"/>
    public void JoinGroup(IPAddress group, IPAddress source, int interfaceIndex = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        ChangeMembership(group, source, interfaceIndex, join: true);
    }

    /// <summary>Leaves a group that <see cref="JoinGroup(IPAddress, int)"/> joined with the same arguments. A close of the socket leaves all groups.</summary>
    /// <param name="group">The group.</param>
    /// <param name="interfaceIndex">The index of the interface, as given to <c>JoinGroup</c>.</param>
    /// <exception cref="SocketException">The socket is not in this group.</exception>
    /// <exception cref="ArgumentException">The group is not a multicast address.</exception>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public void LeaveGroup(IPAddress group, int interfaceIndex = 0) => ChangeMembership(group, null, interfaceIndex, join: false);

    /// <summary>Leaves a group that <see cref="JoinGroup(IPAddress, IPAddress, int)"/> joined with the same arguments.</summary>
    /// <param name="group">The group.</param>
    /// <param name="source">The address of the sender.</param>
    /// <param name="interfaceIndex">The index of the interface, as given to <c>JoinGroup</c>.</param>
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
        if (!MulticastGroups.IsGroup(group))
        {
            throw new ArgumentException($"{group} is not a multicast address.", nameof(group));
        }

        if (source is not null && source.AddressFamily != group.AddressFamily)
        {
            throw new ArgumentException($"{source} is not of the address family of {group}.", nameof(source));
        }

        try
        {
            _transport.ChangeMembership(group, source, interfaceIndex, join);
        }
        catch (SocketException exception)
        {
            string from = source is null ? string.Empty : $" from {source}";
            string at = interfaceIndex == 0 ? string.Empty : $" at the interface {interfaceIndex}";
            throw SocketErrors.During(exception.SocketErrorCode, $"{(join ? "Joining" : "Leaving")} the group {group}{from}{at}");
        }
    }
}
