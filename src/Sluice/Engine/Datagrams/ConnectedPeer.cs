using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Unix;
using Sluice.Options;

namespace Sluice.Engine.Datagrams;

/// <summary>
/// The peer of a connected socket, as a filter: the socket hands out datagrams of this peer alone. The kernel turns others away once connect(2)
/// is done, but the socket has its port before that, and what strangers have sent there by then stays in its queue: what is in the middle of being
/// delivered even gets there later. So emptying the queue after connect(2) is not enough, and each datagram is looked at. For one caller at a time.
/// </summary>
internal sealed class ConnectedPeer
{
    private readonly EndPoint _name;
    private readonly EndPoint _shown;
    private readonly AddressFamily _family;

    // The address of the peer's last datagram, and the end point that callers got for it.
    private NativeAddress _address;
    private EndPoint? _given;

    private ConnectedPeer(EndPoint name, EndPoint shown, AddressFamily family)
    {
        _name = name;
        _shown = shown;
        _family = family;
    }

    /// <summary>A filter for a peer; null for one without a name: the two of a pair have none, and no stranger can send to them.</summary>
    /// <param name="name">The peer's name, as the system tells it.</param>
    /// <param name="shown">The end point that callers are to get.</param>
    /// <param name="family">The family of the socket.</param>
    public static ConnectedPeer? TryCreate(EndPoint? name, EndPoint? shown, AddressFamily family) =>
        name is null || shown is null || name.Equals(UnixEndPoints.Unnamed) ? null : new ConnectedPeer(name, shown, family);

    /// <summary>Whether a datagram that has this <c>sockaddr</c> is the peer's.</summary>
    public bool IsSender(ReadOnlySpan<byte> address) =>
        (_address.Length != 0 && _address.Bytes.SequenceEqual(address)) || IsNewFormOfSender(address);

    /// <summary>The end point for a caller: the same object until a caller changes it. After <see cref="IsSender"/> was true.</summary>
    public EndPoint Give()
    {
        if (_given is null || (_address.Length != 0 && !EndPoints.IsUnchanged(_given, _address.Bytes)))
        {
            _given = EndPointCopy.Of(_shown);
        }

        return _given;
    }

    private bool IsNewFormOfSender(ReadOnlySpan<byte> address)
    {
        if (address.IsEmpty && _family != AddressFamily.Unix)
        {
            // A system that does not tell sources of connected sockets: there is nothing to compare.
            return true;
        }

        if (!IsName(EndPoints.Parse(address, _family)))
        {
            return false;
        }

        _address.Set(address);
        return true;
    }

    private bool IsName(EndPoint sender)
    {
        if (sender is not IPEndPoint from || _name is not IPEndPoint peer)
        {
            // By their bytes: the framework compares the text, which is the same for all names that are no UTF-8.
            return sender.AddressFamily == _name.AddressFamily && sender.Serialize().Equals(_name.Serialize());
        }

        // A link that one of them does not name may be any (RFC 4007, 6).
        return from.Port == peer.Port
            && (from.Address.Equals(peer.Address)
                || (from.AddressFamily == peer.AddressFamily
                    && (ScopeOf(from.Address) == 0 || ScopeOf(peer.Address) == 0)
                    && from.Address.GetAddressBytes().AsSpan().SequenceEqual(peer.Address.GetAddressBytes())));
    }

    private static long ScopeOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
