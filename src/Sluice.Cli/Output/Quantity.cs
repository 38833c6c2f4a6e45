using System.Globalization;

namespace Sluice.Cli.Output;

/// <summary>Parses and formats quantities with units.</summary>
internal static class Quantity
{
    private static readonly (string Unit, double Seconds)[] s_times = [("ms", 1e-3), ("us", 1e-6), ("min", 60), ("h", 3600), ("s", 1)];
    private static readonly (string Unit, double Bytes)[] s_bytes =
        [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("B", 1)];

    private static readonly string[] s_units = ["B", "kB", "MB", "GB", "TB"];

    /// <summary>Parses a time such as <c>200ms</c>; a number alone is in seconds. Returns null if it is none, or longer than a day.</summary>
    public static TimeSpan? Time(string text, bool needsUnit = false)
    {
        (double? number, bool hasUnit) = Parse(text, s_times);
        return number is <= 24 * 3600 && (hasUnit || !needsUnit) ? TimeSpan.FromSeconds(number.Value) : null;
    }

    /// <summary>Parses a positive number of bytes such as <c>20k</c> or <c>1.5MiB</c>. Returns null if it is none.</summary>
    public static long? Bytes(string text) => Parse(text, s_bytes).Number is >= 1 and <= long.MaxValue / 2 and var number ? (long)number : null;

    /// <summary>Formats a number of bytes with a unit.</summary>
    public static string Text(double count)
    {
        int unit = 0;
        while (count >= 1000 && unit < s_units.Length - 1)
        {
            count /= 1000;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 || count >= 100 ? $"{count:0}" : $"{count:0.0}")} {s_units[unit]}");
    }

    /// <summary>Formats a count of things, one or several.</summary>
    public static string Of(long count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count} {thing}{(count == 1 ? "" : "s")}");

    /// <summary>Formats a short time in milliseconds.</summary>
    public static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms");

    private static (double? Number, bool HasUnit) Parse(string text, (string Unit, double Factor)[] units)
    {
        (string unit, double factor) = units.FirstOrDefault(one => text.EndsWith(one.Unit, StringComparison.Ordinal), (string.Empty, 1));
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number)
            ? (number * factor, unit.Length > 0)
            : (null, false);
    }
}
