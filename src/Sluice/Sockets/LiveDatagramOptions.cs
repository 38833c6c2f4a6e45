using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Engine.Datagrams;
using Sluice.Options;

namespace Sluice;

/// <summary>The options of an open datagram socket, read from and written to the socket itself.</summary>
/// <remarks>
/// Every member throws <see cref="SocketException"/> if the system refuses, and <see cref="ObjectDisposedException"/> once the socket is closed.
/// What each means is said at <see cref="UdpSocketOptions"/>.
/// </remarks>
public sealed partial class LiveDatagramOptions
{
    private readonly DatagramTransport _transport;

    internal LiveDatagramOptions(DatagramTransport transport) => _transport = transport;

    /// <inheritdoc cref="UdpSocketOptions.Broadcast"/>
    public bool Broadcast
    {
        get => Get(DatagramOption.Broadcast) != 0;
        set => Set(DatagramOption.Broadcast, value ? 1 : 0);
    }

    /// <inheritdoc cref="UdpSocketOptions.TimeToLive"/>
    public int TimeToLive
    {
        get => Get(DatagramOption.TimeToLive);
        set => Set(DatagramOption.TimeToLive, UdpSocketOptions.ThrowIfNotIn(value, 1, byte.MaxValue)!.Value);
    }

    /// <inheritdoc cref="UdpSocketOptions.MulticastTimeToLive"/>
    public int MulticastTimeToLive
    {
        get => Get(DatagramOption.MulticastTimeToLive);
        set => Set(DatagramOption.MulticastTimeToLive, UdpSocketOptions.ThrowIfNotIn(value, 0, byte.MaxValue)!.Value);
    }

    /// <inheritdoc cref="UdpSocketOptions.MulticastLoopback"/>
    public bool MulticastLoopback
    {
        get => Get(DatagramOption.MulticastLoopback) != 0;
        set => Set(DatagramOption.MulticastLoopback, value ? 1 : 0);
    }

    /// <summary>
    /// The number of the interface that datagrams to a group leave by, as it was last set here or when the socket was made; 0 for the system's
    /// choice.
    /// </summary>
    public int MulticastInterface
    {
        get => _transport.MulticastInterface;
        set
        {
            Set(DatagramOption.MulticastInterface, UdpSocketOptions.ThrowIfNotIn(value, 0, int.MaxValue)!.Value);
            _transport.MulticastInterface = value;
        }
    }

    /// <inheritdoc cref="UdpSocketOptions.DontFragment"/>
    public bool DontFragment
    {
        get => Get(DatagramOption.DontFragment) != 0;
        set => Set(DatagramOption.DontFragment, value ? 1 : 0);
    }

    /// <summary>
    /// The kernel's send buffer in bytes (<c>SO_SNDBUF</c>, socket(7)). The system may grant less or more than it was asked for.
    /// </summary>
    public int SendBufferSize
    {
        get => _transport.Options.GetOption(SocketOption.SendBufferSize);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _transport.Options.SetOption(SocketOption.SendBufferSize, value);
        }
    }

    /// <summary>
    /// The kernel's receive buffer in bytes (<c>SO_RCVBUF</c>, socket(7)): what waits there while nobody receives. The system may grant less or
    /// more than it was asked for.
    /// </summary>
    public int ReceiveBufferSize
    {
        get => _transport.Options.GetOption(SocketOption.ReceiveBufferSize);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _transport.Options.SetOption(SocketOption.ReceiveBufferSize, value);
        }
    }

    /// <summary>
    /// The type-of-service byte of outgoing packets, 0 to 255 (<c>IP_TOS</c>, ip(7); <c>IPV6_TCLASS</c> for IPv6, RFC 3542); the lower two bits
    /// are <see cref="EcnCodepoint"/>.
    /// </summary>
    public int TypeOfService
    {
        get => _transport.Options.GetOption(SocketOption.TypeOfService);
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, byte.MaxValue);
            _transport.Options.SetOption(SocketOption.TypeOfService, value);
        }
    }

    private int Get(DatagramOption option) => _transport.Options.Get(_transport.Family, option);

    private void Set(DatagramOption option, int value) => _transport.Options.Set(_transport.Family, option, value);
}
