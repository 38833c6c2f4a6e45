using Sluice.Options;

namespace Sluice;

/// <summary>What Sluice adds to the framework's options of TLS.</summary>
public sealed class TlsOptions
{
    /// <summary>The default of <see cref="HandshakeTimeout"/>: 10 seconds.</summary>
    public static readonly TimeSpan DefaultHandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The default of <see cref="MaxPendingHandshakes"/>: 512.</summary>
    public const int DefaultMaxPendingHandshakes = 512;

    /// <summary>Creates tlsOptions with the defaults.</summary>
    public TlsOptions()
    {
    }

    internal TlsOptions(TlsOptions other)
    {
        HandshakeTimeout = other.HandshakeTimeout;
        MaxPendingHandshakes = other.MaxPendingHandshakes;
        RequireCloseNotify = other.RequireCloseNotify;
    }

    /// <summary>
    /// Of a listener: how many connections may be in a handshake, or have done it and wait for somebody to accept them. When there are so many
    /// and more come, the oldest of those whose handshake has taken a second is cut off, and if there is none, the others wait in the
    /// kernel's queue. Default: <see cref="DefaultMaxPendingHandshakes"/>.
    /// </summary>
    public int MaxPendingHandshakes
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = DefaultMaxPendingHandshakes;

    /// <summary>How long a handshake may take, from the first byte to the last. Default: <see cref="DefaultHandshakeTimeout"/>.</summary>
    public TimeSpan HandshakeTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = DefaultHandshakeTimeout;

    /// <summary>
    /// Whether a connection that ends without close_notify (RFC 8446, 6.1) is an error, an <see cref="IOException"/> on the read: somebody may
    /// have cut off the rest. Default: true. For peers that never send it, and whose messages say themselves where they end, false.
    /// </summary>
    public bool RequireCloseNotify { get; set; } = true;
}
