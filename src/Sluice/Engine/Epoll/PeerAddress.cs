using System.Runtime.CompilerServices;

namespace Sluice.Engine.Epoll;

/// <summary>
/// Room for the <c>sockaddr_in</c> or <c>sockaddr_in6</c> that accept4 gave, so that the end point is made only when somebody asks.
/// </summary>
[InlineArray(Size)]
internal struct PeerAddress
{
    /// <summary>sizeof(struct sockaddr_in6), ipv6(7).</summary>
    public const int Size = 28;

    private byte _first;
}
