namespace Sluice.Cli.Bench.Ramps;

/// <summary>A step of a ramp, and what came of it.</summary>
internal sealed record RampStep(BenchSettings Settings, LoadTotals Totals)
{
    // What a server that keeps up may owe at the end: what is on its way, and the tick of a timer.
    private const double EnoughOfRate = 0.95;

    /// <summary>Gets what failed; null if nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>Gets the rate or the number of connections of the step.</summary>
    public double Level => Settings.MessageRate ?? Settings.Connections;

    /// <summary>Says why the server did not keep up; null if it did.</summary>
    public RampEnd? Verdict()
    {
        if (Error is not null)
        {
            return RampEnd.Error;
        }

        // Not a number without any message.
        if (!(Totals.Latencies.Percentile(99) <= Settings.Ramp!.MaxLatency.TotalMicroseconds))
        {
            return RampEnd.Latency;
        }

        return Settings.MessageRate is { } rate && Totals.Count + 1 < rate * Totals.Elapsed.TotalSeconds * EnoughOfRate ? RampEnd.Rate : null;
    }
}
