using System.Net;
using System.Net.Sockets;

namespace Sluice;

/// <summary>
/// What a proxy says first on a connection to a server: whose connection it passes on (the PROXY protocol, haproxy's proxy-protocol.txt). A
/// server reads it with <see cref="TcpListenerOptions.ProxyProtocol"/>; a client sends it with <see cref="StreamSocketOptions.ProxyHeader"/>.
/// Immutable.
/// </summary>
public sealed class ProxyHeader
{
    /// <summary>A header for a connection that is passed on.</summary>
    /// <param name="source">Who connected to the proxy: an <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="destination">To what: an end point of the same kind. An IPv4 and an IPv6 address are both said as IPv6.</param>
    /// <param name="version">How it is written. Version 1 has no word for Unix-domain sockets and says <c>UNKNOWN</c>.</param>
    /// <exception cref="ArgumentException">The end points are of different kinds, or of another one.</exception>
    public ProxyHeader(EndPoint source, EndPoint destination, ProxyProtocolVersion version = ProxyProtocolVersion.V2)
        : this(version)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        if ((source, destination) is not ((IPEndPoint, IPEndPoint) or (UnixDomainSocketEndPoint, UnixDomainSocketEndPoint)))
        {
            throw new ArgumentException(
                $"A PROXY header cannot say '{source}' and '{destination}': it takes two IP end points, or two Unix-domain ones.", nameof(destination));
        }

        Source = source;
        Destination = destination;
    }

    internal ProxyHeader(ProxyProtocolVersion version)
    {
        Version = Enum.IsDefined(version) ? version : throw new ArgumentOutOfRangeException(nameof(version), version, "`version` is not a defined version.");
    }

    /// <summary>How it is, or was, written.</summary>
    public ProxyProtocolVersion Version { get; }

    /// <summary>
    /// Whether the connection is the proxy's own and passes nobody's on: <c>LOCAL</c>, as in health checks. False for a header of version 1 that was
    /// read: its <c>UNKNOWN</c> says as well that the client's address cannot be written.
    /// </summary>
    public bool IsLocal { get; private init; }

    /// <summary>The client that connected to the proxy; null if the header does not say (<c>LOCAL</c>, <c>UNKNOWN</c>).</summary>
    public EndPoint? Source { get; }

    /// <summary>What the client connected to; null if the header does not say.</summary>
    public EndPoint? Destination { get; }

    /// <summary>
    /// Whether a header of version 2 is written with a checksum (CRC32c), which the reader verifies. Default: false. Of a header that was read:
    /// whether it had one.
    /// </summary>
    public bool HasChecksum { get; init; }

    /// <summary>A header that says that a connection is the proxy's own: <c>LOCAL</c>, or in version 1 <c>UNKNOWN</c>.</summary>
    /// <param name="version">How it is written.</param>
    public static ProxyHeader Local(ProxyProtocolVersion version = ProxyProtocolVersion.V2) => new(version) { IsLocal = true };

    /// <summary>For people: the end points and the version.</summary>
    public override string ToString() => Source is null ? $"PROXY {Version}: no end points" : $"PROXY {Version}: {Source} to {Destination}";
}
