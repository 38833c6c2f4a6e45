using System.Net;
using System.Net.Sockets;
using Sluice.Engine.Unix;
using Sluice.Options;

namespace Sluice.Engine.Datagrams;

/// <summary>
/// Filters the datagrams of a connected socket by their sender. The kernel rejects other senders only after connect(2), but the socket has its port
/// before that: datagrams of others from then stay in its queue, and one in the middle of its delivery gets there even later. So it is not enough to
/// empty the queue after connect(2), and this checks each datagram. Not thread-safe.
/// </summary>
internal sealed class ConnectedPeer
{
    private readonly EndPoint _name;
    private readonly EndPoint _shown;
    private readonly AddressFamily _family;

    // The address of the peer's last datagram, and the end point that callers get for it.
    private NativeAddress _address;
    private EndPoint? _forCallers;

    private ConnectedPeer(EndPoint name, EndPoint shown, AddressFamily family)
    {
        _name = name;
        _shown = shown;
        _family = family;
    }

    /// <summary>Creates a filter; null for a peer without a name. The sockets of a pair have none, and no other socket can send to them.</summary>
    /// <param name="name">The peer's end point, from the system.</param>
    /// <param name="shown">The end point for callers.</param>
    /// <param name="family">The family of the socket.</param>
    public static ConnectedPeer? TryCreate(EndPoint? name, EndPoint? shown, AddressFamily family) =>
        name is null || shown is null || name.Equals(UnixEndPoints.Unnamed) ? null : new ConnectedPeer(name, shown, family);

    /// <summary>Whether a datagram with this <c>sockaddr</c> is from the peer.</summary>
    public bool IsSender(ReadOnlySpan<byte> address) =>
        (_address.Length != 0 && _address.Bytes.SequenceEqual(address)) || IsNewAddressOfSender(address);

    /// <summary>Gets the end point for a caller: the same object until a caller changes it. To be called after <see cref="IsSender"/> was true.</summary>
    public EndPoint GetEndPoint()
    {
        if (_forCallers is null || (_address.Length != 0 && !EndPoints.IsUnchanged(_forCallers, _address.Bytes)))
        {
            _forCallers = EndPointCopy.Of(_shown);
        }

        return _forCallers;
    }

    private bool IsNewAddressOfSender(ReadOnlySpan<byte> address)
    {
        if (address.IsEmpty && _family != AddressFamily.Unix)
        {
            // Some systems do not tell the sender on a connected socket.
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
            // By their bytes: the framework compares text, in which names that are no valid UTF-8 look the same.
            return sender.AddressFamily == _name.AddressFamily && sender.Serialize().Equals(_name.Serialize());
        }

        // A zone of 0 stands for any zone (RFC 4007, 6).
        return from.Port == peer.Port
            && (from.Address.Equals(peer.Address)
                || (from.AddressFamily == peer.AddressFamily
                    && (ScopeOf(from.Address) == 0 || ScopeOf(peer.Address) == 0)
                    && from.Address.GetAddressBytes().AsSpan().SequenceEqual(peer.Address.GetAddressBytes())));
    }

    private static long ScopeOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
