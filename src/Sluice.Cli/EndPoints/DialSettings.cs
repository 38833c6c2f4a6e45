using Sluice.Cli.Tls;

namespace Sluice.Cli.EndPoints;

/// <summary>Says how to connect.</summary>
internal sealed record DialSettings(Network Network)
{
    /// <summary>Gets the proxies to connect through, the first one first.</summary>
    public IReadOnlyList<Proxy> Via { get; init; } = [];

    /// <summary>Gets the PROXY header to send first; null for none.</summary>
    public ProxyHeader? Header { get; init; }

    /// <summary>Gets the TLS options. They are used for <c>tls://</c>, and for other streams if <see cref="UseTls"/> is set.</summary>
    public ClientTls Tls { get; init; } = new();

    /// <summary>Gets a value indicating whether to use TLS on streams that are not <c>tls://</c>.</summary>
    public bool UseTls { get; init; }

    /// <summary>Gets how long connecting may take, with the proxies and TLS; null for the library's default.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Gets how long to wait for further datagrams after the end of what is sent; null for forever.</summary>
    public TimeSpan? DatagramLinger { get; init; }
}
