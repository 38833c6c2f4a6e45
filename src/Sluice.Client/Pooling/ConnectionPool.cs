using System.Diagnostics.Metrics;
using Sluice.Client.Diagnostics;
using Sluice.Client.Pooling;

namespace Sluice.Client;

/// <summary>
/// Keeps connections to an end point open, and lends each to one caller at a time: for protocols that cannot share a connection. Create one pool for each
/// end point.
/// </summary>
/// <typeparam name="TConnection">The type of the connections: <see cref="Connection"/>, or a type of yours that owns one.</typeparam>
public sealed partial class ConnectionPool<TConnection> : IAsyncDisposable, IMeteredPool
    where TConnection : class, IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Func<CancellationToken, ValueTask<TConnection>> _connect;
    private readonly ConnectionPoolOptions<TConnection> _options;
    private readonly TimeProvider _timeProvider;
    private readonly long _frequency;
    private readonly ClientMetrics _metrics;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly Func<TConnection, bool> _isUsable;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _maintaining;

    // Guarded by _lock, like the next four. The connection given back last is at the end, and is rented first: the others time out.
    private readonly List<PoolEntry<TConnection>> _idle = [];
    private readonly LinkedList<PoolWaiter<TConnection>> _waiters = [];

    private TaskCompletionSource _tooFew = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // How many connections are open, or being opened or closed.
    private int _total;
    private bool _isDisposed;

    /// <summary>Creates a pool. It opens the first connection when it is needed, or soon if <see cref="ConnectionPoolOptions{TConnection}.MinConnections"/> is set.</summary>
    /// <param name="connect">Opens a connection, handshake included.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The smallest number of connections is larger than the largest.</exception>
    public ConnectionPool(Func<CancellationToken, ValueTask<TConnection>> connect, ConnectionPoolOptions<TConnection>? options = null)
    {
        ArgumentNullException.ThrowIfNull(connect);
        _connect = connect;
        _options = options ?? new ConnectionPoolOptions<TConnection>();
        if (_options.MinConnections > _options.MaxConnections)
        {
            throw new ArgumentException(
                $"MinConnections, {_options.MinConnections}, is more than MaxConnections, {_options.MaxConnections}.", nameof(options));
        }

        _timeProvider = _options.TimeProvider;
        _frequency = _timeProvider.TimestampFrequency;
        _isUsable = _options.IsUsable ?? IsUsableByDefault;
        _metrics = ClientMetrics.For(_options.MeterFactory);
        _tags = PoolTags.Create(_options.Name, _options.EndPoint);
        _metrics.Watch(this);
        CancellationToken stopped = _stopping.Token;
        _maintaining = Background.Run(() => MaintainAsync(stopped));
    }

    /// <summary>Gets the number of connections that no caller uses.</summary>
    public int IdleConnections => Count().Idle;

    /// <summary>Gets the number of connections that callers use, those that are being opened or closed included.</summary>
    public int UsedConnections => Count().Used;

    /// <summary>Gets the number of callers that wait for a connection.</summary>
    public int WaitingCallers => Count().Waiting;

    KeyValuePair<string, object?>[] IMeteredPool.Tags => _tags;

    int IMeteredPool.MinConnections => _options.MinConnections;

    int IMeteredPool.MaxConnections => _options.MaxConnections;

    /// <summary>Rents a connection: an idle one, else a new one, else waits for one in the order of the calls.</summary>
    /// <param name="cancellationToken">Ends the wait, and the opening of a connection.</param>
    /// <returns>The connection. Its disposal gives the connection back.</returns>
    /// <exception cref="TimeoutException">There was no connection within <see cref="ConnectionPoolOptions{TConnection}.RentTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">Too many callers wait already.</exception>
    /// <exception cref="ObjectDisposedException">The pool is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask<PooledConnection<TConnection>> RentAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<PooledConnection<TConnection>>(cancellationToken);
        }

        long started = _timeProvider.GetTimestamp();
        if (TryTakeIdle(started, out bool needsCheck) is { } entry)
        {
            return needsCheck ? RentSlowAsync(entry, started, cancellationToken) : new ValueTask<PooledConnection<TConnection>>(Lend(entry, started));
        }

        return RentSlowAsync(checkFirst: null, started, cancellationToken);
    }

    /// <summary>
    /// Closes the idle connections, and ends all waits. Connections in use are closed when they are given back; the call does not wait for them.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        List<PoolEntry<TConnection>> idle = [];
        lock (_lock)
        {
            _isDisposed = true;
            idle.AddRange(_idle);
            _idle.Clear();
            while (_waiters.First?.Value is { } waiter)
            {
                _waiters.RemoveFirst();
                waiter.TrySetException(Disposed());
                _ = waiter.Task.Exception;
            }
        }

        _metrics.Unwatch(this);
        try
        {
            // Runs what a function that connects has registered with its token, which may throw.
            await _stopping.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            await Task.WhenAll(idle.Select(entry => CloseAsync(entry.Connection))).ConfigureAwait(false);
            await _maintaining.ConfigureAwait(false);
        }
    }

    (int Idle, int Used, int Waiting) IMeteredPool.Count() => Count();

    /// <summary>Takes back a connection whose rental has ended.</summary>
    internal void Return(PoolEntry<TConnection> entry, bool isInvalid)
    {
        long rentedAt = entry.RentedAt;
        long now = GetTimestamp(entry);
        entry.IdleSince = now;
        if (isInvalid || !IsFresh(entry, now, out _) || !TryKeep(entry))
        {
            CloseInBackground(entry);
        }

        // Last: a listener of the meter may throw.
        if (_metrics.UseTime.Enabled)
        {
            _metrics.UseTime.Record(Seconds(rentedAt, now), _tags);
        }
    }

    private static ObjectDisposedException Disposed() => new(nameof(ConnectionPool<>));

    private static bool IsUsableByDefault(TConnection connection) => connection switch
    {
        // Asks the system: nothing has read since the connection was given back.
        Connection plain => !plain.Output.IsClosedForWrite && plain.Input.LookForSilence(),
        IConnectionSession session => !session.Completion.IsCompleted,
        _ => true,
    };

    private (int Idle, int Used, int Waiting) Count()
    {
        lock (_lock)
        {
            return (_idle.Count, _total - _idle.Count, _waiters.Count);
        }
    }

    private PooledConnection<TConnection> Lend(PoolEntry<TConnection> entry, long started)
    {
        entry.RentedAt = GetTimestamp(entry);
        Record(_metrics.WaitTime, entry, started, entry.RentedAt);

        return new PooledConnection<TConnection>(this, entry);
    }

    // A clock that throws costs the caller its connection, but the pool no place.
    private long GetTimestamp(PoolEntry<TConnection> entry)
    {
        try
        {
            return _timeProvider.GetTimestamp();
        }
        catch
        {
            CloseInBackground(entry);
            throw;
        }
    }

    // A listener of the meter that throws costs the caller its connection, but the pool no place.
    private void Record(Histogram<double> time, PoolEntry<TConnection> entry, long started, long ended)
    {
        if (!time.Enabled)
        {
            return;
        }

        try
        {
            time.Record(Seconds(started, ended), _tags);
        }
        catch
        {
            CloseInBackground(entry);
            throw;
        }
    }

    // Calls user code, and so is called outside the lock, by the owner of the entry. Never throws.
    private bool IsFresh(PoolEntry<TConnection> entry, long now, out bool needsCheck)
    {
        needsCheck = _options.HealthCheck is not null
            && IsPast(entry.IdleSince, _options.HealthCheckAfter, now);
        if (IsPast(entry.OpenedAt, _options.MaxLifetime, now))
        {
            return false;
        }

        try
        {
            return _isUsable(entry.Connection);
        }
        catch (Exception)
        {
            // A connection that cannot be asked cannot be used either.
            return false;
        }
    }
}
