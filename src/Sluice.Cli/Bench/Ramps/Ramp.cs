using System.Globalization;

namespace Sluice.Cli.Bench.Ramps;

/// <summary>How a load grows from step to step.</summary>
/// <param name="Factor">What a step is multiplied by.</param>
/// <param name="Addend">The amount that each step adds.</param>
internal sealed record Ramp(double Factor, double Addend)
{
    /// <summary>Gets the most steps.</summary>
    public int MaxSteps { get; init; } = 10;

    /// <summary>Gets the 99th percentile of the latency that ends the ramp.</summary>
    public TimeSpan MaxLatency { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Parses <c>x2</c> or <c>+1000</c>. Returns null if it is neither, or if the load would not grow.</summary>
    public static Ramp? TryParse(string text) =>
        text.Length > 1 && double.TryParse(text.AsSpan(1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? (text[0], number) switch
            {
                ('x', > 1) => new Ramp(number, 0),
                ('+', > 0) => new Ramp(1, number),
                _ => null,
            }
            : null;

    /// <summary>Gets the load of the next step; null if it is more than the command allows.</summary>
    public BenchSettings? Next(BenchSettings settings)
    {
        if (settings.MessageRate is { } rate)
        {
            double next = Grow(rate);
            return next <= BenchCommand.MaxRate ? settings with { MessageRate = next } : null;
        }

        // At least one more, whatever the factor.
        double connections = Math.Max(Math.Floor(Grow(settings.Connections)), settings.Connections + 1);
        return connections <= BenchCommand.MaxConnections ? settings with { Connections = (int)connections } : null;
    }

    public override string ToString() => Factor > 1
        ? string.Create(CultureInfo.InvariantCulture, $"x{Factor}")
        : string.Create(CultureInfo.InvariantCulture, $"+{Addend}");

    private double Grow(double value) => (value * Factor) + Addend;
}
