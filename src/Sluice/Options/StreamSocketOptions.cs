using Sluice.Options;

namespace Sluice;

/// <summary>Options of a connection: of one that is made with <c>ConnectAsync</c>, or of each that a listener accepts.</summary>
public sealed partial class StreamSocketOptions : SocketOptions
{
    /// <summary>The default of <see cref="CloseTimeout"/>: 3 seconds.</summary>
    public static readonly TimeSpan DefaultCloseTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Creates options with the defaults.</summary>
    public StreamSocketOptions()
    {
    }

    internal StreamSocketOptions(StreamSocketOptions other)
        : base(other)
    {
        NoDelay = other.NoDelay;
        KeepAlive = other.KeepAlive;
        LingerSeconds = other.LingerSeconds;
        SocketTimeout = other.SocketTimeout;
        CloseTimeout = other.CloseTimeout;
        CopyConnecting(other);
    }

    /// <summary>
    /// Whether small writes leave at once instead of waiting for the acknowledgement of earlier ones (<c>TCP_NODELAY</c>, tcp(7)).
    /// Default: true. Sluice puts small writes together itself.
    /// </summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>Whether the system probes an idle peer (<c>SO_KEEPALIVE</c>, socket(7)). Default: false.</summary>
    public bool KeepAlive { get; set; }

    /// <summary>
    /// How many seconds the kernel goes on sending after the descriptor is closed before it gives up (<c>SO_LINGER</c>, socket(7)); 0 makes
    /// every
    /// close a reset. Default: null, the system's own. How long <see cref="StreamSocket.CloseAsync"/> waits is <see cref="CloseTimeout"/>.
    /// </summary>
    public int? LingerSeconds
    {
        get;
        set => field = OptionBounds.InRange(value, 0, ushort.MaxValue);
    }

    /// <summary>
    /// How long a read may wait for a byte, and a write for the peer to take one, before it ends with an <see cref="IOException"/> that has
    /// a
    /// <see cref="TimeoutException"/> inside. The connection stays usable. Coarse: fires late by up to a quarter, never early.
    /// Only waiting counts, not the time the caller takes between calls. Default: <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan SocketTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// How long <see cref="StreamSocket.CloseAsync"/> may take to send what was written, and to read away what the peer still sends, before
    /// the
    /// connection is cut. Default: <see cref="DefaultCloseTimeout"/>.
    /// </summary>
    public TimeSpan CloseTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = DefaultCloseTimeout;
}
