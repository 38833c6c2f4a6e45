using Sluice.Options;

namespace Sluice;

/// <summary>Represents the options of TLS that Sluice adds to those of the framework.</summary>
public sealed class TlsOptions
{
    /// <summary>The default of <see cref="HandshakeTimeout"/>: 10 seconds.</summary>
    public static readonly TimeSpan DefaultHandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The default of <see cref="MaxPendingHandshakes"/>: 512.</summary>
    public const int DefaultMaxPendingHandshakes = 512;

    /// <summary>Creates options with the defaults.</summary>
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
    /// Gets or sets the number of connections of a listener that may be in a handshake, or have completed it and wait for an accept. When it is reached and
    /// more connections come, the oldest handshake that has taken a second is aborted. If there is none, the new connections wait in the kernel's queue.
    /// Default: <see cref="DefaultMaxPendingHandshakes"/>.
    /// </summary>
    public int MaxPendingHandshakes
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = DefaultMaxPendingHandshakes;

    /// <summary>Gets or sets the time that a handshake may take, from the first byte to the last. Default: <see cref="DefaultHandshakeTimeout"/>.</summary>
    public TimeSpan HandshakeTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = DefaultHandshakeTimeout;

    /// <summary>
    /// Gets or sets a value indicating whether the end of a connection without close_notify (RFC 8446, 6.1) is an error, an <see cref="IOException"/> of the
    /// read: an attacker may have truncated the stream. Default: true. Set it to false for peers that never send close_notify, if the protocol itself marks
    /// the end of its messages.
    /// </summary>
    public bool RequireCloseNotify { get; set; } = true;
}
