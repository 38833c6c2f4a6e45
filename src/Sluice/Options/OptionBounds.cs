namespace Sluice.Options;

/// <summary>Checks the values that callers set on options. Each check returns the value, so that a setter is one line.</summary>
internal static class OptionBounds
{
    /// <exception cref="ArgumentOutOfRangeException">The value is zero or negative.</exception>
    public static int Positive(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
        return value;
    }

    /// <exception cref="ArgumentOutOfRangeException">The value is outside of the range.</exception>
    public static T InRange<T>(T value, T least, T most)
        where T : struct, IComparable<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, most);
        return value;
    }

    /// <exception cref="ArgumentOutOfRangeException">There is a value, and it is outside of the range.</exception>
    public static T? InRange<T>(T? value, T least, T most)
        where T : struct, IComparable<T> => value is { } given ? InRange(given, least, most) : null;

    /// <exception cref="ArgumentOutOfRangeException">The enumeration has no such value.</exception>
    public static T Defined<T>(T value)
        where T : struct, Enum =>
        Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"{value} is not a defined {typeof(T).Name}.");
}
