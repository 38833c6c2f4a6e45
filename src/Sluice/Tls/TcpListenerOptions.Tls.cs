namespace Sluice;

public sealed partial class TcpListenerOptions
{
    /// <summary>
    /// Gets or sets how each accepted connection speaks TLS. With <see cref="ProxyProtocol"/>, the PROXY header comes before the handshake. Default: null, connections are in plain text.
    /// </summary>
    public ListenerTlsOptions? Tls { get; set; }
}
