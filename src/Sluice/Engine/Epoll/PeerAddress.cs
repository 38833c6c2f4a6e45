using System.Runtime.CompilerServices;

namespace Sluice.Engine.Epoll;

/// <summary>
/// The <c>sockaddr_in</c> or <c>sockaddr_in6</c> of accept4(2). The end point is made of it at the first access, because it allocates.
/// </summary>
[InlineArray(Size)]
internal struct PeerAddress
{
    /// <summary>sizeof(struct sockaddr_in6), ipv6(7).</summary>
    public const int Size = 28;

    private byte _first;
}
