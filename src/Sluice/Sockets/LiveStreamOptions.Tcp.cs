using Sluice.Options;

namespace Sluice;

public sealed partial class LiveStreamOptions
{
    /// <inheritdoc cref="StreamSocketOptions.KeepAliveTime"/>
    public TimeSpan KeepAliveTime
    {
        get => TimeSpan.FromSeconds(Get(SocketOption.KeepAliveTime));
        set => Set(SocketOption.KeepAliveTime, OptionUnits.Seconds(value)!.Value);
    }

    /// <inheritdoc cref="StreamSocketOptions.KeepAliveInterval"/>
    public TimeSpan KeepAliveInterval
    {
        get => TimeSpan.FromSeconds(Get(SocketOption.KeepAliveInterval));
        set => Set(SocketOption.KeepAliveInterval, OptionUnits.Seconds(value)!.Value);
    }

    /// <inheritdoc cref="StreamSocketOptions.KeepAliveCount"/>
    public int KeepAliveCount
    {
        get => Get(SocketOption.KeepAliveCount);
        set => Set(SocketOption.KeepAliveCount, OptionUnits.Count(value)!.Value);
    }

    /// <summary>
    /// As <see cref="StreamSocketOptions.UserTimeout"/>; <see cref="TimeSpan.Zero"/> stands for the system's own.
    /// </summary>
    public TimeSpan UserTimeout
    {
        get => TimeSpan.FromMilliseconds(Get(SocketOption.UserTimeout));
        set => Set(SocketOption.UserTimeout, value == TimeSpan.Zero ? 0 : OptionUnits.Milliseconds(value)!.Value);
    }

    /// <inheritdoc cref="StreamSocketOptions.QuickAck"/>
    public bool QuickAck
    {
        get => Get(SocketOption.QuickAck) != 0;
        set => Set(SocketOption.QuickAck, value ? 1 : 0);
    }

    /// <inheritdoc cref="StreamSocketOptions.CongestionControl"/>
    public string CongestionControl
    {
        get => _transport.Options.GetName(SocketOption.CongestionControl);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            OptionUnits.ThrowIfNoName(value);
            _transport.Options.SetName(SocketOption.CongestionControl, value);
        }
    }

    /// <inheritdoc cref="SocketOptions.Mark"/>
    public uint Mark
    {
        get => (uint)Get(SocketOption.Mark);
        set => Set(SocketOption.Mark, (int)value);
    }

    /// <summary>As <see cref="SocketOptions.Device"/>; empty if there is none.</summary>
    public string Device
    {
        get => _transport.Options.GetName(SocketOption.Device);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Length > 0)
            {
                OptionUnits.ThrowIfNoName(value);
            }

            _transport.Options.SetName(SocketOption.Device, value);
        }
    }

    /// <summary>Whether the socket speaks IPv6 alone (<c>IPV6_V6ONLY</c>, ipv6(7)). Of an IPv6 socket; it cannot be changed any more.</summary>
    public bool IPv6Only => Get(SocketOption.IPv6Only) != 0;

    /// <summary>As <see cref="SocketOptions.BusyPoll"/>; <see cref="TimeSpan.Zero"/> for not at all.</summary>
    public TimeSpan BusyPoll
    {
        get => TimeSpan.FromMicroseconds(Get(SocketOption.BusyPoll));
        set => Set(SocketOption.BusyPoll, value == TimeSpan.Zero ? 0 : OptionUnits.Microseconds(value)!.Value);
    }

    /// <summary>Reads an option that has no name here, by level and name as the system has them.</summary>
    /// <param name="level">The level, for instance 6 for TCP.</param>
    /// <param name="name">The name, which is a number.</param>
    /// <param name="value">Where to put the value, in the system's layout.</param>
    /// <returns>How many bytes it has.</returns>
    public int GetRaw(int level, int name, Span<byte> value) => _transport.Options.GetRawOption(level, name, value);

    /// <summary>Sets an option that has no name here, by level and name as the system has them.</summary>
    /// <param name="level">The level, for instance 6 for TCP.</param>
    /// <param name="name">The name, which is a number.</param>
    /// <param name="value">The value, in the system's layout.</param>
    public void SetRaw(int level, int name, ReadOnlySpan<byte> value) => _transport.Options.SetRawOption(level, name, value);

    private int Get(SocketOption option) => _transport.Options.GetOption(option);

    private void Set(SocketOption option, int value) => _transport.Options.SetOption(option, value);
}
