using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options that every open connection and datagram socket has, read from and written to the socket itself.</summary>
/// <remarks>
/// Every member throws <see cref="SocketException"/> if the system refuses, <see cref="PlatformNotSupportedException"/> if it has no such option, and
/// <see cref="ObjectDisposedException"/> once the socket is closed.
/// </remarks>
public abstract class LiveSocketOptions
{
    private readonly Transport _transport;

    private protected LiveSocketOptions(Transport transport) => _transport = transport;

    /// <summary>
    /// Gets or sets the kernel's send buffer in bytes (<c>SO_SNDBUF</c>, socket(7)). The system may grant less or more than it is asked for.
    /// </summary>
    public int SendBufferSize
    {
        get => Get(SocketOption.SendBufferSize);
        set => Set(SocketOption.SendBufferSize, OptionBounds.Positive(value));
    }

    /// <summary>
    /// Gets or sets the kernel's receive buffer in bytes (<c>SO_RCVBUF</c>, socket(7)). The system may grant less or more than it is asked for.
    /// </summary>
    public int ReceiveBufferSize
    {
        get => Get(SocketOption.ReceiveBufferSize);
        set => Set(SocketOption.ReceiveBufferSize, OptionBounds.Positive(value));
    }

    /// <summary>
    /// Gets or sets the type-of-service byte of outgoing packets, 0 to 255 (<c>IP_TOS</c>, ip(7); <c>IPV6_TCLASS</c> for IPv6, RFC 3542). The lower two
    /// bits are the <see cref="EcnCodepoint"/>.
    /// </summary>
    public int TypeOfService
    {
        get => Get(SocketOption.TypeOfService);
        set => Set(SocketOption.TypeOfService, OptionBounds.InRange(value, 0, byte.MaxValue));
    }

    /// <inheritdoc cref="SocketOptions.Mark"/>
    public uint Mark
    {
        get => (uint)Get(SocketOption.Mark);
        set => Set(SocketOption.Mark, (int)value);
    }

    /// <summary>Gets or sets the network interface, as <see cref="SocketOptions.Device"/> does; empty if there is none.</summary>
    public string Device
    {
        get => Target.GetName(SocketOption.Device);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Length > 0)
            {
                OptionUnits.ThrowIfNoName(value);
            }

            Target.SetName(SocketOption.Device, value);
        }
    }

    /// <summary>
    /// Gets a value indicating whether an IPv6 socket uses IPv6 only (<c>IPV6_V6ONLY</c>, ipv6(7)). It cannot be changed on an open socket.
    /// </summary>
    public bool IPv6Only => Get(SocketOption.IPv6Only) != 0;

    /// <summary>Gets or sets the busy-poll time, as <see cref="SocketOptions.BusyPoll"/> does; <see cref="TimeSpan.Zero"/> for none.</summary>
    public TimeSpan BusyPoll
    {
        get => TimeSpan.FromMicroseconds(Get(SocketOption.BusyPoll));
        set => Set(SocketOption.BusyPoll, value == TimeSpan.Zero ? 0 : OptionUnits.Microseconds(value)!.Value);
    }

    private protected IOptionTarget Target => _transport.OptionsForCallers;

    /// <summary>Reads an option that has no property here, by the system's own level and name.</summary>
    /// <param name="level">The level, for instance 6 for TCP.</param>
    /// <param name="name">The number of the option.</param>
    /// <param name="value">The memory that receives the value, in the system's layout.</param>
    /// <returns>The number of bytes of the value.</returns>
    public int GetRaw(int level, int name, Span<byte> value) => Target.GetRawOption(level, name, value);

    /// <summary>Sets an option that has no property here, by the system's own level and name.</summary>
    /// <param name="level">The level, for instance 6 for TCP.</param>
    /// <param name="name">The number of the option.</param>
    /// <param name="value">The value, in the system's layout.</param>
    public void SetRaw(int level, int name, ReadOnlySpan<byte> value) => Target.SetRawOption(level, name, value);

    private protected int Get(SocketOption option) => Target.GetOption(option);

    private protected void Set(SocketOption option, int value) => Target.SetOption(option, value);
}
