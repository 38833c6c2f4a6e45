namespace Sluice;

/// <summary>What Sluice adds to the framework's options of TLS.</summary>
public sealed class TlsSettings
{
    /// <summary>The default of <see cref="HandshakeTimeout"/>: 10 seconds.</summary>
    public static readonly TimeSpan DefaultHandshakeTimeout = TimeSpan.FromSeconds(10);

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
