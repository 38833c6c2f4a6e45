namespace Sluice.Hosting;

/// <summary>Options of a socket server. Limits, times and certificates can change while it runs; the end points are read once.</summary>
public sealed class SocketServerOptions
{
    /// <summary>Gets the end points, by name.</summary>
    public IDictionary<string, SocketEndPointOptions> EndPoints { get; } = new Dictionary<string, SocketEndPointOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Gets or sets how many connections are served at once; see <see cref="ServeOptions.MaxConnections"/>. Default: <see cref="ServeOptions.DefaultMaxConnections"/>.</summary>
    public int MaxConnections { get; set; } = ServeOptions.DefaultMaxConnections;

    /// <summary>Gets or sets how many connections of one address are served at once; see <see cref="ServeOptions.MaxConnectionsPerAddress"/>. Default: no limit.</summary>
    public int MaxConnectionsPerAddress { get; set; } = int.MaxValue;

    /// <summary>
    /// Gets or sets how long handlers may run on when the host stops; connections that are then still open are aborted. The host's
    /// <c>HostOptions.ShutdownTimeout</c> also ends the grace period. Default: <see cref="ServeOptions.DefaultGrace"/>.
    /// </summary>
    public TimeSpan Grace { get; set; } = ServeOptions.DefaultGrace;

    /// <summary>
    /// Gets or sets how long the server goes on to accept and to serve after the host has begun to stop. Health checks fail from the beginning of this
    /// time, so load balancers send no new clients by its end; make it longer than they take to notice. The delays of several servers run at the same time.
    /// <c>HostOptions.ShutdownTimeout</c> includes them, and ends them. Default: zero.
    /// </summary>
    public TimeSpan DrainDelay { get; set; }

    internal Action<ServeOptions>? Serve { get; private set; }

    /// <summary>Gets or sets why the configuration of a running server could not be read; null if it could.</summary>
    internal Exception? BindingFailure { get; set; }

    /// <summary>
    /// Sets further options in code, such as a rate limiter or <see cref="ServeOptions.Admit"/>. A limit or a grace that the code changes stays as it is when
    /// the configuration is reloaded.
    /// </summary>
    /// <param name="configure">Changes the options, once, when the server starts, after the other options are applied.</param>
    /// <returns>The same object.</returns>
    public SocketServerOptions ConfigureServe(Action<ServeOptions> configure)
    {
        Serve += configure;
        return this;
    }

    /// <summary>Listens at a TCP port on all addresses.</summary>
    /// <param name="port">The port; 0 picks a free one.</param>
    /// <returns>The end point, to set further options.</returns>
    public SocketEndPointOptions ListenTcp(int port) => Add($"tcp://*:{port}");

    /// <summary>Listens at a TCP port.</summary>
    /// <param name="host">The address or name; an IPv6 address in brackets.</param>
    /// <param name="port">The port; 0 picks a free one.</param>
    /// <returns>The end point, to set further options.</returns>
    public SocketEndPointOptions ListenTcp(string host, int port) => Add($"tcp://{host}:{port}");

    /// <summary>Listens at a TCP port with TLS.</summary>
    /// <param name="host">The address or name; an IPv6 address in brackets.</param>
    /// <param name="port">The port; 0 picks a free one.</param>
    /// <param name="certificate">The certificate.</param>
    /// <returns>The end point, to set further options.</returns>
    public SocketEndPointOptions ListenTls(string host, int port, SocketCertificateOptions certificate)
    {
        SocketEndPointOptions endPoint = Add($"tls://{host}:{port}");
        endPoint.Certificate = certificate;
        return endPoint;
    }

    /// <summary>Listens at a Unix domain socket.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The end point, to set further options.</returns>
    public SocketEndPointOptions ListenUnix(string path) => Add($"unix:{path}");

    /// <summary>Receives datagrams at a UDP port.</summary>
    /// <param name="host">The address or name; an IPv6 address in brackets.</param>
    /// <param name="port">The port; 0 picks a free one.</param>
    /// <returns>The end point, to set further options.</returns>
    public SocketEndPointOptions ListenUdp(string host, int port) => Add($"udp://{host}:{port}");

    private SocketEndPointOptions Add(string url)
    {
        var endPoint = new SocketEndPointOptions { Url = url };
        EndPoints.Add(url, endPoint);
        return endPoint;
    }
}
