using System.Runtime.CompilerServices;

namespace Sluice.Options;

/// <summary>Checks the values of options, and converts them to the units of the system. They are rounded up, and so never to 0, which has another meaning.</summary>
internal static class OptionUnits
{
    // IFNAMSIZ and TCP_CA_NAME_MAX without the terminating zero.
    private const int LongestName = 15;

    public static int? Seconds(TimeSpan? value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        InSteps(value, TimeSpan.TicksPerSecond, name);

    public static int? Milliseconds(TimeSpan? value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        InSteps(value, TimeSpan.TicksPerMillisecond, name);

    public static int? Microseconds(TimeSpan? value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        InSteps(value, TimeSpan.TicksPerMicrosecond, name);

    public static int? Count(int? value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value is { } count)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count, name);
        }

        return value;
    }

    public static void ThrowIfNoName(string? value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        // The system takes a name to end at a NUL.
        if (value is not null && (value.Length is 0 or > LongestName || !System.Text.Ascii.IsValid(value) || value.Contains('\0', StringComparison.Ordinal)))
        {
            throw new ArgumentException($"The name must have 1 to {LongestName} ASCII characters, none of which is a NUL.", name);
        }
    }

    private static int? InSteps(TimeSpan? value, long ticks, string? name)
    {
        if (value is not { } time)
        {
            return null;
        }

        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, name);
        long steps = ((time.Ticks - 1) / ticks) + 1;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(steps, int.MaxValue, name);
        return (int)steps;
    }
}
