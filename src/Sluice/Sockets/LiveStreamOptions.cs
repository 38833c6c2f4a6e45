using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Options;

namespace Sluice;

/// <summary>The options of an open connection, read from and written to the socket itself.</summary>
/// <remarks>
/// Every member throws <see cref="SocketException"/> if the system refuses, <see cref="PlatformNotSupportedException"/> if it has no such
/// option, and those of the kernel <see cref="ObjectDisposedException"/>
/// once the socket is closed.
/// What each means is said at <see cref="StreamSocketOptions"/>.
/// </remarks>
public sealed partial class LiveStreamOptions
{
    private readonly StreamTransport _transport;

    internal LiveStreamOptions(StreamTransport transport) => _transport = transport;

    /// <inheritdoc cref="StreamSocketOptions.NoDelay"/>
    public bool NoDelay
    {
        get => _transport.Options.GetOption(SocketOption.NoDelay) != 0;
        set => _transport.Options.SetOption(SocketOption.NoDelay, value ? 1 : 0);
    }

    /// <inheritdoc cref="StreamSocketOptions.KeepAlive"/>
    public bool KeepAlive
    {
        get => _transport.Options.GetOption(SocketOption.KeepAlive) != 0;
        set => _transport.Options.SetOption(SocketOption.KeepAlive, value ? 1 : 0);
    }

    /// <inheritdoc cref="StreamSocketOptions.LingerSeconds"/>
    public int? LingerSeconds
    {
        get => _transport.Options.GetOption(SocketOption.LingerSeconds) is >= 0 and var seconds ? seconds : null;
        set
        {
            // The same bounds as beforehand.
            var checkedOptions = new StreamSocketOptions { LingerSeconds = value };
            _transport.Options.SetOption(SocketOption.LingerSeconds, checkedOptions.LingerSeconds ?? -1);
        }
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
    /// The kernel's receive buffer in bytes (<c>SO_RCVBUF</c>, socket(7)). The system may grant less or more than it was asked for.
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
    /// The type-of-service byte of outgoing packets, 0 to 255 (<c>IP_TOS</c>, ip(7); <c>IPV6_TCLASS</c> for IPv6, RFC 3542).
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
