using System.Net;
using System.Net.Sockets;

namespace Sluice.Engine.Datagrams;

/// <summary>
/// Keeps the end points of senders: the same object for each datagram of a sender, until a caller changes it. Not thread-safe.
/// </summary>
internal sealed class KnownSenders(AddressFamily family)
{
    private readonly AddressCache<EndPoint> _known = new();

    /// <summary>Gets the end point of a sender by its <c>sockaddr</c>.</summary>
    public EndPoint Get(ReadOnlySpan<byte> address)
    {
        if (!_known.TryGet(address, out EndPoint? sender) || !EndPoints.IsUnchanged(sender, address))
        {
            sender = EndPoints.Parse(address, family);
            _known.Set(address, sender);
        }

        return sender;
    }
}
