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

    private readonly Option<Ramp?> _ramp = new("--ramp")
    {
        Description = "Run step by step, with more load each time: x2 doubles the --rate, or the connections if there is none, and +1000 adds to it. It ends when the server does not keep up.",
        HelpName = "GROWTH",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            Ramp? ramp = Ramp.TryParse(text);
            if (ramp is null)
            {
                result.AddError($"--ramp is a factor above 1, such as x2, or what to add, such as +1000, not '{text}'.");
            }

            return ramp;
        },
    };

    private readonly Option<TimeSpan?> _maxLatency = new("--max-latency")
    {
        Description = $"With --ramp: end when the 99th percentile of the latency exceeds this time (default: {s_defaults.MaxLatency.TotalMilliseconds}ms).",
        HelpName = "TIME",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            TimeSpan? time = Quantity.Time(text);
            if (time is null)
            {
                result.AddError($"--max-latency is a time, such as 20ms, not '{text}'.");
            }

            return time;
        },
    };

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
