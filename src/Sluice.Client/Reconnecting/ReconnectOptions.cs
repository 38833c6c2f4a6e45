using Microsoft.Extensions.Logging;
using Sluice.Options;

namespace Sluice.Client;

/// <summary>The options of a <see cref="ReconnectingConnection{TSession}"/>. Read once, when it is created.</summary>
/// <typeparam name="TSession">The type of the sessions.</typeparam>
public sealed class ReconnectOptions<TSession>
{
    // The bounds of Polly's retries.
    private static readonly TimeSpan s_shortestDelay = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromDays(1);

    /// <summary>Gets or sets how long it may take to connect to one end point and to open the session on it. Default: 30 seconds.</summary>
    public TimeSpan OpenTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets about how long it waits after the first failed try. Each further wait is about twice as long, up to <see cref="MaxDelay"/>, and differs at
    /// random, so that many clients do not come back at once. At most one day. Default: 0.2 seconds.
    /// </summary>
    public TimeSpan MinDelay
    {
        get;
        set => field = OptionBounds.InRange(value, s_shortestDelay, s_longestDelay);
    } = TimeSpan.FromSeconds(0.2);

    /// <summary>Gets or sets the longest wait between two tries. At most one day. Default: 30 seconds.</summary>
    public TimeSpan MaxDelay
    {
        get;
        set => field = OptionBounds.InRange(value, s_shortestDelay, s_longestDelay);
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets the number of tries in a row that may fail before the connection gives up. A try covers all end points. Default: no limit.
    /// </summary>
    public int MaxAttempts
    {
        get;
        set => field = OptionBounds.Positive(value);
    } = int.MaxValue;

    /// <summary>
    /// Gets or sets how long a session has to last to count as a success: if it ends earlier, the next try waits, and begins with another end point.
    /// Default: 5 seconds.
    /// </summary>
    public TimeSpan StableAfter
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets how long <see cref="ReconnectingConnection{TSession}.GetAsync"/> waits for a session. Default: 30 seconds.
    /// <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan WaitTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: true);
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets or sets a callback that asks the peer for a sign of life, such as a ping request. Called when nothing has come from the peer for
    /// <see cref="HeartbeatInterval"/>. If it throws, or does not end within <see cref="HeartbeatTimeout"/>, the session is replaced.
    /// </summary>
    public Func<TSession, CancellationToken, ValueTask>? Heartbeat { get; set; }

    /// <summary>Gets or sets how long the peer may be silent before <see cref="Heartbeat"/> is called. Default: 15 seconds.</summary>
    public TimeSpan HeartbeatInterval
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets how long <see cref="Heartbeat"/> may take. Default: 10 seconds.</summary>
    public TimeSpan HeartbeatTimeout
    {
        get;
        set => field = Durations.ThrowIfNotPositive(value, allowInfinite: false);
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets a callback for each change of the state, in their order. The next step waits until it returns. An exception that it throws is logged.
    /// </summary>
    public Action<ReconnectStateChange>? OnStateChanged { get; set; }

    /// <summary>Gets or sets the clock for all times. Default: the system's.</summary>
    public TimeProvider TimeProvider
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value));
    } = TimeProvider.System;

    /// <summary>Gets or sets the destination of the log, with the category <c>Sluice.Client</c>; null, the default, for none.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}
