using System.Runtime.CompilerServices;

namespace Sluice.Options;

/// <summary>Checks the durations of callers, and measures them.</summary>
internal static class Durations
{
    /// <summary>Gets the longest duration that is not infinite.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(24);

    public static bool IsPositive(TimeSpan value, bool allowInfinite) =>
        (value > TimeSpan.Zero && value <= Longest) || (allowInfinite && value == Timeout.InfiniteTimeSpan);

    public static bool IsNotNegative(TimeSpan value) => value == TimeSpan.Zero || IsPositive(value, allowInfinite: true);

    public static TimeSpan ThrowIfNotPositive(TimeSpan value, bool allowInfinite, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!allowInfinite || value != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Longest, name);
        }

        return value;
    }

    public static TimeSpan ThrowIfNegative(TimeSpan value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value != Timeout.InfiniteTimeSpan)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, Longest, name);
        }

        return value;
    }

    /// <summary>Gets what is left of a time that began at a timestamp; zero once it has passed.</summary>
    public static TimeSpan Left(TimeSpan time, long started, TimeProvider timeProvider)
    {
        TimeSpan left = time - timeProvider.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Creates a token source that is cancelled after a time. Without a timer for an infinite time, for which the framework's constructor creates one.</summary>
    public static CancellationTokenSource CancelAfter(TimeSpan time, TimeProvider timeProvider) =>
        time == Timeout.InfiniteTimeSpan ? new CancellationTokenSource() : new CancellationTokenSource(time, timeProvider);
}
