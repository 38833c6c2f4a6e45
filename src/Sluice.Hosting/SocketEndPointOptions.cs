namespace Sluice.Hosting;

/// <summary>Options of an end point of a server.</summary>
public sealed class SocketEndPointOptions
{
    /// <summary>
    /// Gets or sets the address: <c>tcp://HOST:PORT</c>, <c>tls://HOST:PORT</c>, <c>unix:/PATH</c> or <c>udp://HOST:PORT</c>. The host <c>*</c> means
    /// all IPv4 and IPv6 addresses, or all IPv4 addresses where IPv6 is missing. <c>localhost</c> means 127.0.0.1 and ::1 at the same port (with <c>udp</c>,
    /// the first of them that exists). Port 0 picks a free port. Put IPv6 addresses in brackets. <c>unix:@NAME</c> is an abstract name (Linux).
    /// </summary>
    public string Url { get; set; } = string.Empty;

    /// <summary>Gets or sets the certificate of a <c>tls</c> end point. Its files are watched, and a reload of the configuration can name others.</summary>
    public SocketCertificateOptions? Certificate { get; set; }

    /// <summary>Gets or sets how long a TLS handshake may take; see <see cref="TlsOptions.HandshakeTimeout"/>.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TlsOptions.DefaultHandshakeTimeout;

    /// <summary>Gets or sets how many connections the kernel queues until they are accepted; see <see cref="TcpListenerOptions.Backlog"/>.</summary>
    public int Backlog { get; set; } = TcpListenerOptions.DefaultBacklog;

    /// <summary>Gets or sets how long a read or write may wait before it fails; see <see cref="StreamSocketOptions.SocketTimeout"/>. Null: forever.</summary>
    public TimeSpan? SocketTimeout { get; set; }

    internal Action<TcpListenerOptions>? TcpOptions { get; private set; }

    internal Action<UdpSocketOptions>? UdpOptions { get; private set; }

    internal Action<UnixListenerOptions>? UnixOptions { get; private set; }

    /// <summary>Sets further options in code, for a <c>tcp</c> or <c>tls</c> end point. Called after the other options are applied.</summary>
    /// <param name="configure">Changes the listener's options.</param>
    /// <returns>The same object.</returns>
    public SocketEndPointOptions ConfigureTcp(Action<TcpListenerOptions> configure)
    {
        TcpOptions += configure;
        return this;
    }

    /// <summary>Sets further options in code, for a <c>udp</c> end point. Called after the other options are applied.</summary>
    /// <param name="configure">Changes the socket's options.</param>
    /// <returns>The same object.</returns>
    public SocketEndPointOptions ConfigureUdp(Action<UdpSocketOptions> configure)
    {
        UdpOptions += configure;
        return this;
    }

    /// <summary>Sets further options in code, for a <c>unix</c> end point. Called after the other options are applied.</summary>
    /// <param name="configure">Changes the listener's options.</param>
    /// <returns>The same object.</returns>
    public SocketEndPointOptions ConfigureUnix(Action<UnixListenerOptions> configure)
    {
        UnixOptions += configure;
        return this;
    }
}
