namespace Sluice.Hosting;

/// <summary>How a server listens and serves. Limits, grace and certificates may change while it runs; where it listens is read once.</summary>
public sealed class SocketServerOptions
{
    /// <summary>Where it listens, each end point under a name of its own.</summary>
    public IDictionary<string, SocketEndPointOptions> EndPoints { get; } = new Dictionary<string, SocketEndPointOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>How many connections are served at once; see <see cref="ServeOptions.MaxConnections"/>. Default: <see cref="ServeOptions.DefaultMaxConnections"/>.</summary>
    public int MaxConnections { get; set; } = ServeOptions.DefaultMaxConnections;

    /// <summary>How many of them from one address; see <see cref="ServeOptions.MaxConnectionsPerAddress"/>. Default: as many as come.</summary>
    public int MaxConnectionsPerAddress { get; set; } = int.MaxValue;

    /// <summary>
    /// How long handlers may go on when the host stops; what is still open then is aborted. The host's own
    /// <c>HostOptions.ShutdownTimeout</c> ends it, too. Default: <see cref="ServeOptions.DefaultGrace"/>.
    /// </summary>
    public TimeSpan Grace { get; set; } = ServeOptions.DefaultGrace;

    internal Action<ServeOptions>? Serve { get; private set; }

    /// <summary>Sets what has no name here, in code: a rate limiter, who is admitted.</summary>
    /// <param name="configure">Changes the options, once, when the server starts.</param>
    /// <returns>The same object.</returns>
    public SocketServerOptions ConfigureServe(Action<ServeOptions> configure)
    {
        Serve += configure;
        return this;
    }

    /// <summary>Listens at a TCP port of every address.</summary>
    /// <param name="port">The port; 0 for any free one.</param>
    /// <returns>The end point, for what else it needs.</returns>
    public SocketEndPointOptions ListenTcp(int port) => Add($"tcp://*:{port}");

    /// <summary>Listens at a TCP port.</summary>
    /// <param name="host">The address or name; an IPv6 address in brackets.</param>
    /// <param name="port">The port; 0 for any free one.</param>
    /// <returns>The end point, for what else it needs.</returns>
    public SocketEndPointOptions ListenTcp(string host, int port) => Add($"tcp://{host}:{port}");

    /// <summary>Listens at a TCP port, for TLS.</summary>
    /// <param name="host">The address or name; an IPv6 address in brackets.</param>
    /// <param name="port">The port; 0 for any free one.</param>
    /// <param name="certificate">The certificate.</param>
    /// <returns>The end point, for what else it needs.</returns>
    public SocketEndPointOptions ListenTls(string host, int port, SocketCertificateOptions certificate)
    {
        SocketEndPointOptions endPoint = Add($"tls://{host}:{port}");
        endPoint.Certificate = certificate;
        return endPoint;
    }

    /// <summary>Listens at a Unix domain socket.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The end point, for what else it needs.</returns>
    public SocketEndPointOptions ListenUnix(string path) => Add($"unix:{path}");

    /// <summary>Receives UDP datagrams.</summary>
    /// <param name="host">The address or name; an IPv6 address in brackets.</param>
    /// <param name="port">The port; 0 for any free one.</param>
    /// <returns>The end point, for what else it needs.</returns>
    public SocketEndPointOptions ListenUdp(string host, int port) => Add($"udp://{host}:{port}");

    private SocketEndPointOptions Add(string url)
    {
        var endPoint = new SocketEndPointOptions { Url = url };
        EndPoints.Add(url, endPoint);
        return endPoint;
    }
}
