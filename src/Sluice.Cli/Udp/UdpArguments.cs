using System.Net;
using Sluice.Cli.EndPoints;

namespace Sluice.Cli.Udp;

/// <summary>The arguments of <c>sluice udp</c>.</summary>
internal sealed record UdpArguments(Address Address, Network Network)
{
    /// <summary>Gets the groups to join.</summary>
    public IReadOnlyList<IPAddress> Groups { get; init; } = [];

    /// <summary>Gets the bytes to send; null to receive only.</summary>
    public byte[]? Payload { get; init; }

    /// <summary>Gets how many datagrams are sent, or received; null for one to send, and any number to receive.</summary>
    public int? Count { get; init; }

    /// <summary>Gets the time between two datagrams.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>Gets how long to wait for answers after the last datagram.</summary>
    public TimeSpan Wait { get; init; }

    public int? TimeToLive { get; init; }

    public bool Broadcast { get; init; }

    public bool Hex { get; init; }

    public bool Json { get; init; }
}
