namespace Sluice.Hosting;

/// <summary>
/// The limits that a server serves with. A reload of the configuration applies those that have changed in it, but none that code has changed at the start:
/// code decides over the configuration.
/// </summary>
internal sealed class ReloadingLimits
{
    private readonly Limit<int> _maxConnections;
    private readonly Limit<int> _maxConnectionsPerAddress;
    private readonly Limit<TimeSpan> _grace;

    public ReloadingLimits()
    {
        _maxConnections = new(() => Serve.MaxConnections, value => Serve.MaxConnections = value);
        _maxConnectionsPerAddress = new(() => Serve.MaxConnectionsPerAddress, value => Serve.MaxConnectionsPerAddress = value);
        _grace = new(() => Serve.Grace, value => Serve.Grace = value);
    }

    public ServeOptions Serve { get; } = new();

    /// <summary>Applies the limits of the configuration, then those of the code.</summary>
    public void Start(SocketServerOptions options)
    {
        _maxConnections.Configure(options.MaxConnections);
        _maxConnectionsPerAddress.Configure(options.MaxConnectionsPerAddress);
        _grace.Configure(options.Grace);
        options.Serve?.Invoke(Serve);
        _maxConnections.CompareWithCode();
        _maxConnectionsPerAddress.CompareWithCode();
        _grace.CompareWithCode();
    }

    /// <summary>Applies what has changed in the configuration.</summary>
    /// <returns>Whether a number of connections has changed.</returns>
    public bool Reload(SocketServerOptions options)
    {
        _grace.Reload(options.Grace);
        return _maxConnections.Reload(options.MaxConnections) | _maxConnectionsPerAddress.Reload(options.MaxConnectionsPerAddress);
    }

    private sealed class Limit<T>(Func<T> get, Action<T> set)
        where T : struct, IEquatable<T>
    {
        private T _configured;
        private bool _isOfCode;

        public void Configure(T value)
        {
            _configured = value;
            set(value);
        }

        public void CompareWithCode() => _isOfCode = !get().Equals(_configured);

        public bool Reload(T value)
        {
            if (value.Equals(_configured))
            {
                return false;
            }

            _configured = value;
            if (!_isOfCode)
            {
                set(value);
            }

            return !_isOfCode;
        }
    }
}
