using System.Globalization;
using Sluice.Cli.Bench.Reports;
using Sluice.Cli.Output;

namespace Sluice.Cli.Bench.Ramps;

/// <summary>Prints the steps of a ramp as a table, or all of them as one line of JSON.</summary>
internal sealed class RampOutput(BenchSettings settings, ReportFile? report)
{
    private readonly Progress _progress = new(isWanted: !settings.Json);
    private readonly Ramp _ramp = settings.Ramp!;
    private bool _hasBegun;

    private bool RaisesRate => settings.MessageRate is not null;

    /// <summary>Prints what the run does, once the connections of the first step are open.</summary>
    public void Begin(RampStep step)
    {
        if (!settings.Json && !_hasBegun)
        {
            WrappedText.WriteLine($"{settings}, then {_ramp} a step");
            Console.WriteLine($"{(RaisesRate ? "per second" : "connections"),12} {"messages/s",12} {"p50 µs",10} {"p90 µs",10} {"p99 µs",10} {"p99.9 µs",10} {"max µs",10}");
        }

        _hasBegun = true;
        _progress.Show(Format($"{step.Level,12:N0}"));
    }

    /// <summary>Shows on a terminal how far a step is.</summary>
    public void Tick(RampStep step) =>
        _progress.Show(Format($"{step.Level,12:N0} {step.Totals.Count / step.Totals.Running.TotalSeconds,12:N0}  {step.Totals.Running.TotalSeconds:0} of {step.Settings.Duration.TotalSeconds:0} s"));

    /// <summary>Prints the results of a step.</summary>
    public void Add(RampStep step)
    {
        _progress.Clear();
        if (!settings.Json)
        {
            LatencyHistogram latencies = step.Totals.Latencies;
            Console.WriteLine(Format($"{step.Level,12:N0} {step.Totals.Rate,12:N0} {latencies.Percentile(50),10:N1} {latencies.Percentile(90),10:N1} ")
                + Format($"{latencies.Percentile(99),10:N1} {latencies.Percentile(99.9),10:N1} {latencies.Percentile(100),10:N1}")
                + (step.Totals.Lost > 0 ? Format($"  {step.Totals.Lost:N0} lost") : string.Empty));
        }
    }

    /// <summary>Prints why the ramp ended, and then writes the report.</summary>
    public void End(RampResult result)
    {
        _progress.Clear();
        if (settings.Json)
        {
            Console.WriteLine(BenchJson.Of(settings, result));
        }
        else
        {
            WrappedText.WriteLine(Summary(result));
        }

        report?.Write(RampReport.Of(settings, result, Summary(result)));
    }

    private string Summary(RampResult result)
    {
        string last = Name(result.Last);
        string end = result.End switch
        {
            RampEnd.Latency => Format($"With {last}, p99 exceeded {_ramp.MaxLatency.TotalMilliseconds:0.###} ms."),
            RampEnd.Rate => Format($"With {last}, only {result.Last.Totals.Rate:N0} came back."),
            RampEnd.Error => $"With {last}, the server failed.",
            RampEnd.Stopped => $"It was stopped with {last}.",
            _ => "The server kept up with all steps.",
        };
        return $"{end} {(result.Best is { } best ? $"The most that the server kept up with: {Name(best)}." : "The server did not keep up with any step.")}";
    }

    private string Name(RampStep step) => Format($"{step.Level:N0} {(RaisesRate, step.Level) switch
    {
        (true, _) => "messages per second",
        (_, 1.0) => "connection",
        _ => "connections",
    }}");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
