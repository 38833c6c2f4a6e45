using System.Net;
using System.Net.Sockets;

namespace Sluice;

/// <summary>
/// Represents the header that a proxy sends first on a connection to a server, with the end points of its client (the PROXY protocol, haproxy's
/// proxy-protocol.txt). A server reads it with <see cref="TcpListenerOptions.ProxyProtocol"/>; a client sends it with <see cref="StreamSocketOptions.ProxyHeader"/>.
/// Immutable.
/// </summary>
public sealed class ProxyHeader
{
    /// <summary>Creates a header for a relayed connection.</summary>
    /// <param name="source">The client of the proxy: an <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.</param>
    /// <param name="destination">The end point that the client connected to, of the same kind. An IPv4 and an IPv6 address are both written as IPv6.</param>
    /// <param name="version">The version of the protocol. Version 1 writes <c>UNKNOWN</c> for Unix domain sockets.</param>
    /// <exception cref="ArgumentException">The end points are of different kinds, or of an unsupported kind.</exception>
    public ProxyHeader(EndPoint source, EndPoint destination, ProxyProtocolVersion version = ProxyProtocolVersion.V2)
        : this(version)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        if ((source, destination) is not ((IPEndPoint, IPEndPoint) or (UnixDomainSocketEndPoint, UnixDomainSocketEndPoint)))
        {
            throw new ArgumentException(
                $"A PROXY header cannot contain '{source}' and '{destination}': it needs two IP end points, or two Unix domain ones.", nameof(destination));
        }

        Source = source;
        Destination = destination;
    }

    internal ProxyHeader(ProxyProtocolVersion version)
    {
        Version = Enum.IsDefined(version) ? version : throw new ArgumentOutOfRangeException(nameof(version), version, "`version` is not a defined version.");
    }

    /// <summary>Gets the version of the protocol.</summary>
    public ProxyProtocolVersion Version { get; }

    /// <summary>
    /// Gets a value indicating whether the connection is the proxy's own, without a client: <c>LOCAL</c>, as in health checks. False for a received header of
    /// version 1, because its <c>UNKNOWN</c> can also mean that the client's address cannot be written.
    /// </summary>
    public bool IsLocal { get; private init; }

    /// <summary>Gets the end point of the client; null if the header has none (<c>LOCAL</c>, <c>UNKNOWN</c>).</summary>
    public EndPoint? Source { get; }

    /// <summary>Gets the end point that the client connected to; null if the header has none.</summary>
    public EndPoint? Destination { get; }

    /// <summary>
    /// Gets a value indicating whether a header of version 2 has a checksum (CRC32c), which the reader verifies. Default: false.
    /// </summary>
    public bool HasChecksum { get; init; }

    /// <summary>Creates a header for a connection of the proxy itself: <c>LOCAL</c>, or in version 1 <c>UNKNOWN</c>.</summary>
    /// <param name="version">The version of the protocol.</param>
    public static ProxyHeader Local(ProxyProtocolVersion version = ProxyProtocolVersion.V2) => new(version) { IsLocal = true };

    /// <summary>Returns the end points and the version, for people.</summary>
    public override string ToString() => Source is null ? $"PROXY {Version}: no end points" : $"PROXY {Version}: {Source} to {Destination}";
}
