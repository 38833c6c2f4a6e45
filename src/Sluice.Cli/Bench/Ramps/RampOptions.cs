using System.CommandLine;
using Sluice.Cli.Output;

namespace Sluice.Cli.Bench.Ramps;

/// <summary>Defines the options of <c>sluice bench --ramp</c>.</summary>
internal sealed class RampOptions
{
    /// <summary>How long a step lasts.</summary>
    public static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(3);

    private const int MostSteps = 1000;

    private static readonly Ramp s_defaults = new(2, 0);

    private readonly Option<Ramp?> _ramp = CommonOptions.Parsed<Ramp?>(
        "--ramp",
        "Run step by step, with more load each time: x2 doubles the --rate, or the connections if there is none, and +1000 adds to it. It ends when the server does not keep up.",
        "GROWTH",
        Ramp.TryParse,
        "a factor above 1, such as x2, or what to add, such as +1000");

    private readonly Option<TimeSpan?> _maxLatency = CommonOptions.Parsed<TimeSpan?>(
        "--max-latency",
        $"With --ramp: end when the 99th percentile of the latency exceeds this time (default: {s_defaults.MaxLatency.TotalMilliseconds}ms).",
        "TIME",
        text => Quantity.Time(text),
        "a time, such as 5, 1.5s or 200ms");

    private readonly Option<int?> _steps = CommonOptions.Positive("--steps", $"With --ramp: run at most so many steps (default: {s_defaults.MaxSteps}).", "N", MostSteps);

    public void AddTo(Command command)
    {
        command.Add(_ramp);
        command.Add(_maxLatency);
        command.Add(_steps);
        CommonOptions.Need(command, _maxLatency, _ramp);
        CommonOptions.Need(command, _steps, _ramp);
    }

    public Ramp? Read(ParseResult result) => result.GetValue(_ramp) is { } ramp
        ? ramp with { MaxLatency = result.GetValue(_maxLatency) ?? ramp.MaxLatency, MaxSteps = result.GetValue(_steps) ?? ramp.MaxSteps }
        : null;
}
