using Sluice.Options;

namespace Sluice;

public abstract partial class SocketOptions
{
    /// <summary>What most sockets never set; null if nothing of it is.</summary>
    internal OptionSet? RareOptions { get; private set; }

    /// <summary>
    /// Whether an IPv6 socket speaks IPv6 alone (<c>IPV6_V6ONLY</c>, ipv6(7)). Default: false, it speaks IPv4 too, to addresses and from
    /// clients that then are IPv4 ones. IPv4 sockets have no such option.
    /// </summary>
    public bool IPv6Only
    {
        get => Number(SocketOption.IPv6Only) == 1;
        set => SetRare(SocketOption.IPv6Only, value ? 1 : null);
    }

    /// <summary>
    /// Whether an address may be bound that this machine does not have, yet (<c>IP_FREEBIND</c>, ip(7); Linux). Default: false.
    /// </summary>
    public bool FreeBind
    {
        get => Number(SocketOption.FreeBind) == 1;
        set => SetRare(SocketOption.FreeBind, value ? 1 : null);
    }

    /// <summary>
    /// The network interface that all traffic goes through, by its name (<c>SO_BINDTODEVICE</c>, socket(7); Linux, and before 5.7 root alone).
    /// Default: null, whichever the routes say.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty or longer than 15 characters.</exception>
    public string? Device
    {
        get => RareOptions?.Name(SocketOption.Device);
        set => SetRare(SocketOption.Device, value);
    }

    /// <summary>
    /// The mark of outgoing packets, for routing and filtering (<c>SO_MARK</c>, socket(7); Linux, needs CAP_NET_ADMIN or CAP_NET_RAW).
    /// Default: null, none.
    /// </summary>
    public uint? Mark
    {
        get => (uint?)Number(SocketOption.Mark);
        set => SetRare(SocketOption.Mark, (int?)value);
    }

    /// <summary>
    /// How long the system looks at the network device itself before a wait for data really waits, in whole microseconds
    /// (<c>SO_BUSY_POLL</c>, socket(7); Linux, and more than the system's default needs CAP_NET_ADMIN). Default: null, the system's own.
    /// </summary>
    public TimeSpan? BusyPoll
    {
        get => Number(SocketOption.BusyPoll) is { } microseconds ? TimeSpan.FromMicroseconds(microseconds) : null;
        set => SetRare(SocketOption.BusyPoll, OptionUnits.Microseconds(value));
    }

    /// <summary>
    /// Sets an option that has no name here, by level, name and value as the system has them, before the socket is bound or connected; on
    /// accepted connections when they are accepted.
    /// </summary>
    /// <param name="level">The level, for instance 6 for TCP.</param>
    /// <param name="name">The name, which is a number.</param>
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
