using System.Net;
using System.Net.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sluice.Diagnostics;
using Sluice.Scheduling;
using Sluice.Serving;

namespace Sluice.Hosting;

/// <summary>A socket server that starts and stops with its host.</summary>
internal sealed partial class SocketServerService : IHostedLifecycleService, ISocketServer, IAsyncDisposable, IDisposable
{
    private readonly SocketServerRegistration _registration;
    private readonly SelectorManager _selector;
    private readonly IServiceScopeFactory _scopes;
    private readonly IOptionsMonitor<SocketServerOptions> _monitor;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly HostStop _stop;
    private readonly ILogger _logger;
    private readonly ReloadingLimits _limits = new();
    private readonly Dictionary<string, EndPoint> _endPoints = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ReloadingCertificate> _certificates = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ServerSocket> _servers = [];
    private readonly List<DatagramSocket> _datagrams = [];
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();
    private IDisposable? _changes;
    private TimeSpan _drainDelay;
    private volatile bool _listening;
    private volatile bool _failed;

    public SocketServerService(
        SocketServerRegistration registration,
        SelectorManager selector,
        IServiceScopeFactory scopes,
        IOptionsMonitor<SocketServerOptions> monitor,
        IHostApplicationLifetime lifetime,
        HostStop stop,
        ILoggerFactory loggers)
    {
        _registration = registration;
        _selector = selector;
        _scopes = scopes;
        _monitor = monitor;
        _lifetime = lifetime;
        _stop = stop;
        _logger = new SafeLogger(loggers.CreateLogger("Sluice.Hosting"));
    }

    public string Name => _registration.Name;

    public bool IsListening => _listening && !_failed;

    public IReadOnlyDictionary<string, EndPoint> EndPoints => _listening ? _endPoints : new Dictionary<string, EndPoint>();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        SocketServerOptions options = _monitor.Get(Name);
        _registration.IsRunning = true;
        _limits.Start(options);
        _drainDelay = options.DrainDelay;
        try
        {
            foreach ((string key, SocketEndPointOptions endPoint) in options.EndPoints)
            {
                await BindAsync(key, endPoint, EndPointUrl.TryParse(endPoint.Url)!.Value, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            var steps = new DisposalSteps();
            Close(steps);
            LogFailure(steps);
            throw;
        }

        if (_servers.Count > 0)
        {
            _running.Add(WatchAsync(ServeAsync()));
        }

        _running.AddRange(_datagrams.Select(socket => WatchAsync(HandleDatagramsAsync(socket))));
        _listening = true;
        _changes = _monitor.OnChange((_, name) =>
        {
            if (name == Name)
            {
                Reload();
            }
        });
        ReloadMissed(options);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Closes the listeners without waiting: a host that was stopped has already drained, and the connections of one that was not end with the
    /// selector manager or the grace period. Never throws.
    /// </summary>
    public void Dispose()
    {
        _listening = false;

        // Before the close: it ends the handlers of datagram sockets, which is a failure of the server unless it stops.
        _ = CancelAsync();
        var steps = new DisposalSteps();
        steps.Run(() => _changes?.Dispose());
        Close(steps);
        LogFailure(steps);
    }

    private async Task BindAsync(string key, SocketEndPointOptions endPoint, EndPointUrl url, CancellationToken cancellationToken)
    {
        EndPoint bound;
        if (url.Kind == EndPointKind.Udp)
        {
            DatagramSocket socket = await _selector.Udp().BindAsync(url.Host, url.Port, endPoint.UdpOptions, cancellationToken).ConfigureAwait(false);
            _datagrams.Add(socket);
            bound = socket.LocalEndPoint;
        }
        else
        {
            ListenerTlsOptions? tls = url.Kind == EndPointKind.Tls ? LoadTls(key, endPoint) : null;
            ServerSocket server = await ListenAsync(endPoint, url, tls, cancellationToken).ConfigureAwait(false);
            _servers.Add(server);
            bound = server.LocalEndPoint;
        }

        _endPoints.Add(key, bound);
        _bound.Add(key, BoundEndPoint.Of(endPoint));
        _logger.ServerListening(Name, bound, key);
    }

    private ValueTask<ServerSocket> ListenAsync(SocketEndPointOptions endPoint, EndPointUrl url, ListenerTlsOptions? tls, CancellationToken cancellationToken)
    {
        if (url.Kind == EndPointKind.Unix)
        {
            return _selector.Unix().BindAsync(
                url.Host,
                options =>
                {
                    options.Backlog = endPoint.Backlog;
                    options.Accepted.SocketTimeout = endPoint.SocketTimeout ?? options.Accepted.SocketTimeout;
                    endPoint.UnixOptions?.Invoke(options);
                },
                cancellationToken);
        }

        return _selector.Tcp().BindAsync(
            url.Host,
            url.Port,
            options =>
            {
                options.Backlog = endPoint.Backlog;
                options.Accepted.SocketTimeout = endPoint.SocketTimeout ?? options.Accepted.SocketTimeout;
                options.Tls = tls;
                endPoint.TcpOptions?.Invoke(options);
            },
            cancellationToken);
    }

    private ListenerTlsOptions LoadTls(string key, SocketEndPointOptions endPoint)
    {
        var certificate = new ReloadingCertificate(key, _logger);
        _certificates.Add(key, certificate);
        certificate.Load(endPoint.Certificate!);
        return new ListenerTlsOptions(
            static (_, _, state, _) => ValueTask.FromResult(
                new SslServerAuthenticationOptions { ServerCertificateContext = ((ReloadingCertificate)state!).Context }),
            certificate,
            new TlsOptions { HandshakeTimeout = endPoint.HandshakeTimeout });
    }

    private async Task ServeAsync()
    {
        HandlerScope.Enter(this);
        await _servers.ServeAsync(HandleAsync, _limits.Serve, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task HandleAsync(Connection connection, CancellationToken cancellationToken)
    {
        AsyncServiceScope scope = _scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            await _registration.Connections!(scope.ServiceProvider, connection, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task HandleDatagramsAsync(DatagramSocket socket)
    {
        HandlerScope.Enter(this);
        AsyncServiceScope scope = _scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            try
            {
                await _registration.Datagrams!(scope.ServiceProvider, socket, _stopping.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (_stopping.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }

        if (!_stopping.IsCancellationRequested)
        {
            throw new InvalidOperationException($"The datagram handler at {socket.LocalEndPoint} ended before the server stopped.");
        }
    }

    // A server that ends before it is stopped has failed. The host is of no use without it, so it stops.
    private async Task WatchAsync(Task running)
    {
        try
        {
            await running.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _failed = true;
            _logger.ServerFailed(Name, exception);
            _lifetime.StopApplication();
        }
    }

    private void Close(DisposalSteps steps)
    {
        // Closing listeners and datagram sockets never suspends.
        _servers.ForEach(server => steps.Run(() => server.DisposeAsync().AsTask()));
        _datagrams.ForEach(socket => steps.Run(() => socket.DisposeAsync().AsTask()));
        foreach (ReloadingCertificate certificate in _certificates.Values)
        {
            steps.Run(certificate.Dispose);
        }
    }

    // CancelAsync runs the callbacks that handlers have registered on the thread pool, so they may block.
    private async Task CancelAsync()
    {
        var steps = new DisposalSteps();
        await steps.RunAsync(_stopping.CancelAsync).ConfigureAwait(false);
        LogFailure(steps);
    }

    private void LogFailure(DisposalSteps steps)
    {
        if (steps.Failure is { } failure)
        {
            _logger.CloseFailed(Name, failure);
        }
    }
}
