using Sluice.Options;

namespace Sluice;

public sealed partial class LiveDatagramOptions
{
    /// <inheritdoc cref="SocketOptions.Mark"/>
    public uint Mark
    {
        get => (uint)_transport.Options.GetOption(SocketOption.Mark);
        set => _transport.Options.SetOption(SocketOption.Mark, (int)value);
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
    public bool IPv6Only => _transport.Options.GetOption(SocketOption.IPv6Only) != 0;

    /// <summary>As <see cref="SocketOptions.BusyPoll"/>; <see cref="TimeSpan.Zero"/> for not at all.</summary>
    public TimeSpan BusyPoll
    {
        get => TimeSpan.FromMicroseconds(_transport.Options.GetOption(SocketOption.BusyPoll));
        set => _transport.Options.SetOption(SocketOption.BusyPoll, value == TimeSpan.Zero ? 0 : OptionUnits.Microseconds(value)!.Value);
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
}
