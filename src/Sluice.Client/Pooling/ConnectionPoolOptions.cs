using System.Diagnostics.Metrics;
using System.Net;
using Sluice.Options;

namespace Sluice.Client;

/// <summary>The options of a <see cref="ConnectionPool{TConnection}"/>. Read once, when the pool is created.</summary>
/// <typeparam name="TConnection">The type of the connections.</typeparam>
public sealed class ConnectionPoolOptions<TConnection>
{
    /// <summary>Gets or sets the number of connections that are kept open even if they are idle for long. Default: 0.</summary>
    public int MinConnections
    {
        get;
        set => field = OptionBounds.InRange(value, 0, 1_000_000);
    }

    /// <summary>
    /// Gets or sets the number of connections that may be open, those that are being opened or closed included. Further callers wait, in their order.
    /// A connection whose disposal takes longer than 30 seconds no longer counts. Default: 32.
    /// </summary>
    public int MaxConnections
    {
        get;
        set => field = OptionBounds.InRange(value, 1, 1_000_000);
    } = 32;

    /// <summary>Gets or sets how many callers may wait for a connection. A further one fails at once. Default: 4,096.</summary>
    public int MaxWaiting
    {
        get;
        set => field = OptionBounds.InRange(value, 0, 1_000_000);
    } = 4096;

    /// <summary>Gets or sets how long a caller waits for a connection, and for the connection to be opened. Default: 30 seconds.</summary>
    public TimeSpan RentTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets how long a connection may be idle before it is closed, if there are more than <see cref="MinConnections"/>. Late by up to a quarter.
    /// Default: 1 minute.
    /// </summary>
    public TimeSpan IdleTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets how old a connection may be when it is rented or given back; an older one is closed, so that load follows changes of addresses.
    /// Default: 1 hour.
    /// </summary>
    public TimeSpan MaxLifetime
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = TimeSpan.FromHours(1);

    /// <summary>
    /// Gets or sets a function that says whether a connection can be used again; called without waiting when one is given back, and when one is rented. By default,
    /// a <see cref="Connection"/> can be if it is open in both directions and no byte is unread, here or in the system, and no read is in progress; and an
    /// <see cref="IConnectionSession"/> until it has ended.
    /// </summary>
    public Func<TConnection, bool>? IsUsable { get; set; }

    /// <summary>
    /// Gets or sets a check of a connection that was idle for longer than <see cref="HealthCheckAfter"/> when it is rented, such as a ping. If it returns false,
    /// throws, or does not end within <see cref="HealthCheckTimeout"/>, the connection is closed and the caller gets another one.
    /// </summary>
    public Func<TConnection, CancellationToken, ValueTask<bool>>? HealthCheck { get; set; }

    /// <summary>
    /// Gets or sets how long a connection may be idle without a <see cref="HealthCheck"/> before it is rented. Default: 5 seconds.
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no check.
    /// </summary>
    public TimeSpan HealthCheckAfter
    {
        get;
        set => field = Durations.ThrowIfNegative(value);
    } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how long a <see cref="HealthCheck"/> may take. Default: 2 seconds.</summary>
    public TimeSpan HealthCheckTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets the name of the pool in metrics and messages. Default: <c>default</c>.</summary>
    public string Name
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value));
    } = "default";

    /// <summary>Gets or sets the end point of the pool, for metrics; null, the default, if it is not to be told.</summary>
    public EndPoint? EndPoint { get; set; }

    /// <summary>Gets or sets the factory of the meter <c>Sluice.Client</c>; null, the default, for a meter that all pools without a factory share.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>Gets or sets the clock for all times. Default: the system's.</summary>
    public TimeProvider TimeProvider
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value));
    } = TimeProvider.System;
}
