using Sluice.Options;

namespace Sluice;

public abstract partial class SocketOptions
{
    /// <summary>The options that most sockets do not set; null if none is set.</summary>
    internal OptionSet? RareOptions { get; private set; }

    /// <summary>
    /// Gets or sets a value indicating whether an IPv6 socket uses IPv6 only (<c>IPV6_V6ONLY</c>, ipv6(7)). Default: false, it uses IPv4 too, and its IPv4
    /// peers have IPv4 addresses. IPv4 sockets have no such option.
    /// </summary>
    public bool IPv6Only
    {
        get => Number(SocketOption.IPv6Only) == 1;
        set => SetRare(SocketOption.IPv6Only, value ? 1 : null);
    }

    /// <summary>
    /// Gets or sets a value indicating whether the socket may bind to an address that this machine does not have yet (<c>IP_FREEBIND</c>, ip(7); Linux). Default: false.
    /// </summary>
    public bool FreeBind
    {
        get => Number(SocketOption.FreeBind) == 1;
        set => SetRare(SocketOption.FreeBind, value ? 1 : null);
    }

    /// <summary>
    /// Gets or sets the name of the network interface of all traffic (<c>SO_BINDTODEVICE</c>, socket(7); Linux, and before 5.7 only for root).
    /// Default: null, as the routes determine.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty, longer than 15 characters, not ASCII, or contains a NUL.</exception>
    public string? Device
    {
        get => RareOptions?.Name(SocketOption.Device);
        set => SetRare(SocketOption.Device, value);
    }

    /// <summary>
    /// Gets or sets the mark of outgoing packets, for routing and filtering (<c>SO_MARK</c>, socket(7); Linux, needs CAP_NET_ADMIN or CAP_NET_RAW).
    /// Default: null, none.
    /// </summary>
    public uint? Mark
    {
        get => (uint?)Number(SocketOption.Mark);
        set => SetRare(SocketOption.Mark, (int?)value);
    }

    /// <summary>
    /// Gets or sets how long the system polls the network device before a wait for data sleeps, in whole microseconds
    /// (<c>SO_BUSY_POLL</c>, socket(7); Linux, and more than the system's default needs CAP_NET_ADMIN). Default: null, the system's own.
    /// </summary>
    public TimeSpan? BusyPoll
    {
        get => Number(SocketOption.BusyPoll) is { } microseconds ? TimeSpan.FromMicroseconds(microseconds) : null;
        set => SetRare(SocketOption.BusyPoll, OptionUnits.Microseconds(value));
    }

    /// <summary>
    /// Sets an option that has no property here, by the system's own level, name and value. It is set before the socket is bound or connected, and on accepted
    /// connections when they are accepted.
    /// </summary>
    /// <param name="level">The level, for instance 6 for TCP.</param>
    /// <param name="name">The number of the option.</param>
    /// <param name="value">The value, in the system's layout.</param>
    public void SetRaw(int level, int name, ReadOnlySpan<byte> value) => (RareOptions ??= new OptionSet()).SetRaw(level, name, value);

    private protected int? Number(SocketOption option) => RareOptions?.Number(option);

    private protected string? Name(SocketOption option) => RareOptions?.Name(option);

    private protected void SetRare(SocketOption option, int? value)
    {
        if (value is not null || RareOptions is not null)
        {
            (RareOptions ??= new OptionSet()).Set(option, value);
        }
    }

    private protected void SetRare(SocketOption option, string? name)
    {
        OptionUnits.ThrowIfNoName(name);
        if (name is not null || RareOptions is not null)
        {
            (RareOptions ??= new OptionSet()).Set(option, name);
        }
    }
}
