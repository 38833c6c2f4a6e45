using System.Runtime.CompilerServices;

namespace Sluice.Options;

/// <summary>Checks the durations of callers.</summary>
internal static class Durations
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(24);

    public static TimeSpan ThrowIfNotPositive(TimeSpan value, bool allowInfinite, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!allowInfinite || value != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, s_longest, name);
        }

        return value;
    }

    public static TimeSpan ThrowIfNegative(TimeSpan value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, s_longest, name);
        }

        return value;
    }

    /// <summary>Creates a token source that is cancelled after a time. Without a timer for an infinite time, for which the framework's constructor creates one.</summary>
    public static CancellationTokenSource CancelAfter(TimeSpan time, TimeProvider timeProvider) =>
        time == Timeout.InfiniteTimeSpan ? new CancellationTokenSource() : new CancellationTokenSource(time, timeProvider);
}
