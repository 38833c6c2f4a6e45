namespace Sluice.Hosting;

/// <summary>Where a server listens, and how.</summary>
public sealed class SocketEndPointOptions
{
    /// <summary>
    /// Where: <c>tcp://HOST:PORT</c>, <c>tls://HOST:PORT</c>, <c>unix:/PATH</c> or <c>udp://HOST:PORT</c>. A host of <c>*</c> is every address of
    /// both families, or of IPv4 where there is no IPv6; <c>localhost</c> is 127.0.0.1 and ::1 at one port (of <c>udp</c>, the first of them that is there);
    /// port 0 is any free one; an IPv6 address stands in brackets; <c>unix:@NAME</c> is an abstract name (Linux).
    /// </summary>
    public string Url { get; set; } = string.Empty;

    /// <summary>The certificate of a <c>tls</c> end point. It is watched, and may be another after a reload.</summary>
    public SocketCertificateOptions? Certificate { get; set; }

    /// <summary>How long a TLS handshake may take; see <see cref="TlsOptions.HandshakeTimeout"/>.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TlsOptions.DefaultHandshakeTimeout;

    /// <summary>How many connections the kernel keeps ready to be accepted; see <see cref="TcpListenerOptions.Backlog"/>.</summary>
    public int Backlog { get; set; } = TcpListenerOptions.DefaultBacklog;

    /// <summary>How long nothing may come before a read fails; see <see cref="StreamSocketOptions.SocketTimeout"/>. Null for ever.</summary>
    public TimeSpan? SocketTimeout { get; set; }

    internal Action<TcpListenerOptions>? TcpOptions { get; private set; }

    internal Action<UdpSocketOptions>? UdpOptions { get; private set; }

    internal Action<UnixListenerOptions>? UnixOptions { get; private set; }

    /// <summary>Sets what has no name here, in code: called after all else, for a <c>tcp</c> or <c>tls</c> end point.</summary>
    /// <param name="configure">Changes the listener's options.</param>
    /// <returns>The same object.</returns>
    public SocketEndPointOptions ConfigureTcp(Action<TcpListenerOptions> configure)
    {
        TcpOptions += configure;
        return this;
    }

    /// <summary>Sets what has no name here, in code: called after all else, for a <c>udp</c> end point.</summary>
    /// <param name="configure">Changes the socket's options.</param>
    /// <returns>The same object.</returns>
    public SocketEndPointOptions ConfigureUdp(Action<UdpSocketOptions> configure)
    {
        UdpOptions += configure;
        return this;
    }

    /// <summary>Sets what has no name here, in code: called after all else, for a <c>unix</c> end point.</summary>
    /// <param name="configure">Changes the listener's options.</param>
    /// <returns>The same object.</returns>
    public SocketEndPointOptions ConfigureUnix(Action<UnixListenerOptions> configure)
    {
        UnixOptions += configure;
        return this;
    }
}
