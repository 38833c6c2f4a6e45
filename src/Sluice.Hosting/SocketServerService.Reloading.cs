namespace Sluice.Hosting;

// The changes of the configuration while the server runs.
internal sealed partial class SocketServerService
{
    // The end points as they were when the server bound them.
    private readonly Dictionary<string, BoundEndPoint> _bound = new(StringComparer.OrdinalIgnoreCase);

    // How many changes are not applied yet, with the one that a thread applies. Interlocked.
    private int _changesLeft;

    // Several threads may tell of changes at once: one applies what holds then, also for those that come meanwhile. So no change is applied over a later one, no
    // two are mixed, and none waits for the logger or the options of another, which are the user's.
    private void Reload()
    {
        if (Interlocked.Increment(ref _changesLeft) > 1)
        {
            return;
        }

        int seen;
        do
        {
            seen = Volatile.Read(ref _changesLeft);
            ReloadCurrent();
        }
        while (Interlocked.CompareExchange(ref _changesLeft, 0, seen) != seen);
    }

    // The configuration calls this with its other listeners: an exception would keep some of them from being told, and reach the code that reloads.
    private void ReloadCurrent()
    {
        try
        {
            SocketServerOptions options = _monitor.Get(Name);
            if (Problems(options) is { Length: > 0 } problems)
            {
                _logger.OptionsRefused(Name, problems);
                return;
            }

            Apply(options);
        }
        catch (Exception exception)
        {
            _logger.ReloadFailed(Name, exception);
        }
    }

    // Of a change that came while the server was binding, it was not told.
    private void ReloadMissed(SocketServerOptions started)
    {
        try
        {
            if (ReferenceEquals(_monitor.Get(Name), started))
            {
                return;
            }
        }
        catch (Exception)
        {
            // The reload reports it.
        }

        Reload();
    }

    private string Problems(SocketServerOptions options) => options.BindingFailure is { } failure
        ? failure.Message
        : string.Join(" ", SocketServerOptionsValidator.Problems(_registration, options));

    private void Apply(SocketServerOptions options)
    {
        if (_limits.Reload(options))
        {
            _logger.LimitsReloaded(Name, _limits.Serve.MaxConnections, _limits.Serve.MaxConnectionsPerAddress);
        }

        _drainDelay = options.DrainDelay;
        if (!AreBound(options.EndPoints))
        {
            _logger.EndPointsIgnored(Name);
        }

        foreach ((string key, ReloadingCertificate certificate) in _certificates)
        {
            if (options.EndPoints.TryGetValue(key, out SocketEndPointOptions? endPoint) && endPoint.Certificate is { } files)
            {
                Load(certificate, key, files);
            }
        }
    }

    private bool AreBound(IDictionary<string, SocketEndPointOptions> endPoints) =>
        endPoints.Count == _bound.Count
        && endPoints.All(each => _bound.TryGetValue(each.Key, out BoundEndPoint bound) && bound == BoundEndPoint.Of(each.Value));

    private void Load(ReloadingCertificate certificate, string key, SocketCertificateOptions files)
    {
        try
        {
            certificate.Load(files);
        }
        catch (Exception exception)
        {
            _logger.CertificateUnusable(key, exception);
        }
    }

    /// <summary>The options of an end point that are read once.</summary>
    private readonly record struct BoundEndPoint(EndPointUrl? Url, TimeSpan HandshakeTimeout, int Backlog, TimeSpan? SocketTimeout)
    {
        public static BoundEndPoint Of(SocketEndPointOptions options) =>
            new(EndPointUrl.TryParse(options.Url), options.HandshakeTimeout, options.Backlog, options.SocketTimeout);
    }
}
