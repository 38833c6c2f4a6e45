using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Output;

namespace Sluice.Cli.Relay;

/// <summary>Defines the options of a relay that disturb what it relays.</summary>
internal sealed class FaultOptions
{
    private readonly Option<TimeSpan> _latency = Parsed(
        "--latency", "Hold bytes back for so long, in each direction: 200ms or 1.5s.", "TIME", text => Quantity.Time(text), "a time, such as 200ms or 1.5s");

    private readonly Option<TimeSpan> _jitter = Parsed(
        "--jitter", "Vary the latency by up to so much.", "TIME", text => Quantity.Time(text), "a time, such as 20ms");

    private readonly Option<long> _rate = Parsed(
        "--rate", "Relay at most so many bytes per second, in each direction of each connection: 20k or 1.5M.", "BYTES", Quantity.Bytes, "a number of bytes, such as 20k or 1.5M");

    private readonly Option<double> _loss = Parsed(
        "--loss", "Lose so many of the datagrams; of a stream, delay so many of the reads by 200 ms, as after a lost segment.", "PERCENT", Percent, "a percentage from 0 to 100");

    private readonly Option<(long? Bytes, TimeSpan? Time)> _cut = Parsed<(long?, TimeSpan?)>(
        "--cut-after", "Reset each connection after so many bytes of both directions (10k), or after a time (5s).", "BYTES|TIME", Cut, "a number of bytes or a time, such as 10k or 5s");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_latency, _jitter, _rate, _loss, _cut])
        {
            command.Add(option);
        }
    }

    public Faults Read(ParseResult result) => new()
    {
        Latency = result.GetValue(_latency),
        Jitter = result.GetValue(_jitter),
        Rate = result.GetValue(_rate) is > 0 and var rate ? rate : null,
        Loss = result.GetValue(_loss),
        CutAfterBytes = result.GetValue(_cut).Bytes,
        CutAfterTime = result.GetValue(_cut).Time,
    };

    private static Option<T> Parsed<T>(string name, string description, string unit, Func<string, T?> parse, string form)
        where T : struct => new(name)
        {
            Description = description,
            HelpName = unit,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (parse(text) is { } value)
                {
                    return value;
                }

                result.AddError($"{name} is {form}, not '{text}'.");
                return default;
            },
        };

    private static double? Percent(string text) =>
        double.TryParse(text.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 100 ? value / 100 : null;

    private static (long?, TimeSpan?)? Cut(string text) =>
        Quantity.Time(text, needsUnit: true) is { } time ? (null, time)
        : Quantity.Bytes(text) is { } bytes ? (bytes, null)
        : null;
}
