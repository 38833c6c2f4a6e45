using Sluice.Engine;
using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of an open connection, read from and written to the socket itself.</summary>
/// <remarks><see cref="StreamSocketOptions"/> says what each means.</remarks>
public sealed class LiveStreamOptions : LiveSocketOptions
{
    private readonly StreamTransport _transport;

    internal LiveStreamOptions(StreamTransport transport)
        : base(transport) => _transport = transport;

    /// <inheritdoc cref="StreamSocketOptions.NoDelay"/>
    public bool NoDelay
    {
        get => Get(SocketOption.NoDelay) != 0;
        set => Set(SocketOption.NoDelay, value ? 1 : 0);
    }

    /// <inheritdoc cref="StreamSocketOptions.KeepAlive"/>
    public bool KeepAlive
    {
        get => Get(SocketOption.KeepAlive) != 0;
        set => Set(SocketOption.KeepAlive, value ? 1 : 0);
    }

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
    /// Gets or sets the user timeout, as <see cref="StreamSocketOptions.UserTimeout"/> does; <see cref="TimeSpan.Zero"/> stands for the system's own.
    /// </summary>
    public TimeSpan UserTimeout
    {
        get => TimeSpan.FromMilliseconds(Get(SocketOption.UserTimeout));
        set => Set(SocketOption.UserTimeout, value == TimeSpan.Zero ? 0 : OptionUnits.Milliseconds(value)!.Value);
    }

    /// <inheritdoc cref="StreamSocketOptions.LingerSeconds"/>
    public int? LingerSeconds
    {
        get => Get(SocketOption.LingerSeconds) is >= 0 and var seconds ? seconds : null;
        set => Set(SocketOption.LingerSeconds, OptionBounds.InRange(value, 0, ushort.MaxValue) ?? -1);
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
        get => Target.GetName(SocketOption.CongestionControl);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            OptionUnits.ThrowIfNoName(value);
            Target.SetName(SocketOption.CongestionControl, value);
        }
    }

    /// <inheritdoc cref="StreamSocketOptions.SocketTimeout"/>
    public TimeSpan SocketTimeout
    {
        get => _transport.SocketTimeout;
        set => _transport.SocketTimeout = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    }

    /// <inheritdoc cref="StreamSocketOptions.CloseTimeout"/>
    public TimeSpan CloseTimeout
    {
        get => _transport.CloseTimeout;
        set => _transport.CloseTimeout = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    }
}
