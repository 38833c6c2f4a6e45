using Sluice.Engine;
using Sluice.Engine.Datagrams;
using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of an open datagram socket, read from and written to the socket itself.</summary>
/// <remarks><see cref="UdpSocketOptions"/> says what each means.</remarks>
public sealed class LiveDatagramOptions : LiveSocketOptions
{
    private readonly DatagramTransport _transport;

    internal LiveDatagramOptions(DatagramTransport transport)
        : base(transport) => _transport = transport;

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
        set => Set(DatagramOption.TimeToLive, OptionBounds.InRange(value, 1, byte.MaxValue));
    }

    /// <inheritdoc cref="UdpSocketOptions.MulticastTimeToLive"/>
    public int MulticastTimeToLive
    {
        get => Get(DatagramOption.MulticastTimeToLive);
        set => Set(DatagramOption.MulticastTimeToLive, OptionBounds.InRange(value, 0, byte.MaxValue));
    }

    /// <inheritdoc cref="UdpSocketOptions.MulticastLoopback"/>
    public bool MulticastLoopback
    {
        get => Get(DatagramOption.MulticastLoopback) != 0;
        set => Set(DatagramOption.MulticastLoopback, value ? 1 : 0);
    }

    /// <summary>
    /// Gets or sets the index of the interface that sends datagrams to a group, as it was last set here or when the socket was made; 0 for the system's
    /// choice.
    /// </summary>
    public int MulticastInterface
    {
        get => _transport.MulticastInterface;
        set
        {
            Set(DatagramOption.MulticastInterface, OptionBounds.InRange(value, 0, int.MaxValue));
            _transport.MulticastInterface = value;
        }
    }

    /// <inheritdoc cref="UdpSocketOptions.DontFragment"/>
    public bool DontFragment
    {
        get => Get(DatagramOption.DontFragment) != 0;
        set => Set(DatagramOption.DontFragment, value ? 1 : 0);
    }

    private int Get(DatagramOption option) => Target.Get(_transport.Family, option);

    private void Set(DatagramOption option, int value) => Target.Set(_transport.Family, option, value);
}
