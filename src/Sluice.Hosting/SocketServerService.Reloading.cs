namespace Sluice.Hosting;

// The changes of the configuration while the server runs.
internal sealed partial class SocketServerService
{
    // The end points as they were when the server bound them.
    private readonly Dictionary<string, BoundEndPoint> _bound = new(StringComparer.OrdinalIgnoreCase);

    // The configuration calls this with its other listeners: an exception would keep some of them from being told, and reach the code that reloads.
    private void Reload(SocketServerOptions options)
    {
        try
        {
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
            SocketServerOptions options = _monitor.Get(Name);
            if (!ReferenceEquals(options, started))
            {
                Reload(options);
            }
        }
        catch (Exception exception)
        {
            _logger.ReloadFailed(Name, exception);
        }
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
