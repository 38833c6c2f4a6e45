namespace Sluice;

public sealed partial class UnixListenerOptions
{
    /// <summary>
    /// Gets or sets how each accepted connection speaks TLS. Default: null, connections are in plain text.
    /// </summary>
    public ListenerTlsOptions? Tls { get; set; }
}
