using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of a connection that is made with <c>ConnectAsync</c>, or of those that a listener accepts.</summary>
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
        ContinuationScheduling = other.ContinuationScheduling;
        CopyConnecting(other);
    }

    /// <summary>
    /// Gets or sets a value indicating whether small writes are sent at once, without waiting for the acknowledgement of earlier ones (<c>TCP_NODELAY</c>,
    /// tcp(7)). Default: true, because Sluice combines small writes itself.
    /// </summary>
    public bool NoDelay { get; set; } = true;

    /// <summary>Gets or sets a value indicating whether the system probes an idle peer (<c>SO_KEEPALIVE</c>, socket(7)). Default: false.</summary>
    public bool KeepAlive { get; set; }

    /// <summary>
    /// Gets or sets how many seconds the kernel continues to send after the descriptor is closed (<c>SO_LINGER</c>, socket(7)); 0 makes every close a reset.
    /// Default: null, the system's own. <see cref="StreamSocket.CloseAsync"/> waits for <see cref="CloseTimeout"/>.
    /// </summary>
    public int? LingerSeconds
    {
        get;
        set => field = OptionBounds.InRange(value, 0, ushort.MaxValue);
    }

    /// <summary>
    /// Gets or sets how long a read may wait for a byte, or a write for the peer to accept one, before it throws an <see cref="IOException"/> with an inner
    /// <see cref="TimeoutException"/>. The connection stays usable. The timeout is coarse: late by up to a quarter, never early. Only waits count, not the
    /// time between calls. Default: <see cref="Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan SocketTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Gets or sets how long <see cref="StreamSocket.CloseAsync"/> may take to send what was written, and to discard what the peer still sends, before the
    /// connection is aborted. Default: <see cref="DefaultCloseTimeout"/>.
    /// </summary>
    public TimeSpan CloseTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = DefaultCloseTimeout;

    /// <summary>
    /// Gets or sets where code continues after an <see langword="await"/> on the connection. Default: null, as
    /// <see cref="SelectorOptions.ContinuationScheduling"/> says. <see cref="global::Sluice.ContinuationScheduling.ThreadPool"/> suits code that passes
    /// everything it reads on to the thread pool: the pool thread that has read data often processes it, too. The portable engine always continues on
    /// the thread pool.
    /// </summary>
    public ContinuationScheduling? ContinuationScheduling
    {
        get;
        set => field = value is { } scheduling ? OptionBounds.Defined(scheduling) : null;
    }
}
