using System.Net;
using System.Net.Sockets;

namespace Sluice.Testing.Udp;

/// <summary>The multicast groups that a socket is in. The errors are those of Linux (igmp.c and mcast.c).</summary>
internal sealed class UdpGroups
{
    private readonly List<Membership> _memberships = [];

    /// <summary>Joins or leaves a group, for any source or one.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    public void Change(IPAddress group, IPAddress? source, int interfaceIndex, bool join)
    {
        IPAddress plain = UdpAddresses.WithoutScope(group);
        if (interfaceIndex is not (0 or UdpAddresses.Loopback or UdpAddresses.Network))
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }

        int at = interfaceIndex == 0 ? UdpAddresses.Network : interfaceIndex;
        Membership? there = _memberships.Find(one => one.Group.Equals(plain) && (one.Interface == at || (!join && interfaceIndex == 0)));
        if (join)
        {
            Join(there, new Membership(plain, at, source is null ? null : [source]));
        }
        else
        {
            Leave(there ?? throw new SocketException((int)SocketError.AddressNotAvailable), source);
        }
    }

    /// <summary>Whether the socket wants what a source sends to a group.</summary>
    public bool Has(IPAddress group, IPAddress source, int interfaceIndex) =>
        _memberships.Exists(one => one.Group.Equals(group) && one.Interface == interfaceIndex && one.Sources?.Contains(source) != false);

    /// <summary>Whether the socket is in a group at an interface, for whatever source.</summary>
    public bool Has(IPAddress group, int interfaceIndex) => _memberships.Exists(one => one.Group.Equals(group) && one.Interface == interfaceIndex);

    private void Join(Membership? there, Membership wanted)
    {
        if (there is null)
        {
            _memberships.Add(wanted);
        }
        else if (wanted.Sources is not [var source])
        {
            throw new SocketException((int)SocketError.AddressAlreadyInUse);
        }
        else if (there.Sources is null)
        {
            throw new SocketException((int)SocketError.InvalidArgument);
        }
        else if (there.Sources.Contains(source))
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }
        else
        {
            there.Sources.Add(source);
        }
    }

    private void Leave(Membership there, IPAddress? source)
    {
        if (source is null)
        {
            _memberships.Remove(there);
        }
        else if (there.Sources is null)
        {
            throw new SocketException((int)SocketError.InvalidArgument);
        }
        else if (!there.Sources.Remove(source))
        {
            throw new SocketException((int)SocketError.AddressNotAvailable);
        }
        else if (there.Sources.Count == 0)
        {
            _memberships.Remove(there);
        }
    }

    /// <summary>A group at an interface, for all sources (null) or some.</summary>
    private sealed record Membership(IPAddress Group, int Interface, List<IPAddress>? Sources);
}
