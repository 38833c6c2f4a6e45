using Sluice.Testing.Scheduling;

namespace Sluice.Testing;

/// <summary>
/// Represents the virtual clock of the test or of a host. It stands still while anything can run, and then jumps to the next event, so that an hour of timeouts
/// takes milliseconds. Sluice uses it for every timeout; other code gets it as a <see cref="TimeProvider"/>.
/// </summary>
public sealed class SimulatedTime : TimeProvider
{
    private static readonly DateTimeOffset s_start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Domain _domain;

    internal SimulatedTime(Domain domain, TimeSpan offset)
    {
        _domain = domain;
        Offset = offset;
    }

    /// <summary>Gets the virtual time since the start of the run.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(_domain.Loop.Agenda.Now);

    /// <summary>Gets UTC, as the time zone of every host.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Gets the number of timestamps in a second.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Gets or sets how far the wall clock is ahead.</summary>
    internal TimeSpan Offset { get; set; }

    /// <summary>Waits for some virtual time.</summary>
    /// <param name="time">The time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends after the time.</returns>
    public Task Delay(TimeSpan time, CancellationToken cancellationToken = default) => Task.Delay(time, this, cancellationToken);

    /// <inheritdoc/>
    public override long GetTimestamp() => _domain.Loop.Agenda.Now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => s_start + Elapsed + Offset;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new DomainTimer(_domain, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
