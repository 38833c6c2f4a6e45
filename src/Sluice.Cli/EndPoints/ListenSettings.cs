using System.Net;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;

namespace Sluice.Cli.EndPoints;

/// <summary>Says how to listen.</summary>
internal sealed record ListenSettings(Network Network)
{
    /// <summary>Gets the certificate for <c>tls://</c>, and for other streams if <see cref="UseTls"/> is set.</summary>
    public ServerTls? Tls { get; init; }

    public bool UseTls { get; init; }

    /// <summary>Gets the networks whose connections begin with a PROXY header.</summary>
    public IReadOnlyList<IPNetwork> Proxies { get; init; } = [];

    /// <summary>Gets how long no bytes may pass over a connection, in neither direction; null for forever. What serves the connection sees to it (<see cref="IdleWatch"/>).</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>Gets how long a single read or write may wait; null for forever.</summary>
    public TimeSpan? SocketTimeout { get; init; }

    /// <summary>Gets what reports the errors of connections that end no command.</summary>
    public ErrorOutput Errors { get; init; } = ErrorOutput.Text;

    /// <summary>Applies what concerns accepted connections.</summary>
    public void Apply(StreamSocketOptions options) => options.SocketTimeout = SocketTimeout ?? options.SocketTimeout;
}
