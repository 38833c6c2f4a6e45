using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Output;

namespace Sluice.Cli.Relay;

/// <summary>Defines the options of a relay that disturb what it relays.</summary>
internal sealed class FaultOptions
{
    private readonly Option<TimeSpan?> _latency = CommonOptions.Parsed<TimeSpan?>(
        "--latency", "Hold bytes back for so long, in each direction: 200ms or 1.5s.", "TIME", text => Quantity.Time(text), "a time, such as 5, 1.5s or 200ms");

    private readonly Option<TimeSpan?> _jitter = CommonOptions.Parsed<TimeSpan?>(
        "--jitter", "Vary the latency by up to so much.", "TIME", text => Quantity.Time(text), "a time, such as 5, 1.5s or 200ms");

    private readonly Option<long?> _rate = CommonOptions.Parsed<long?>(
        "--rate", "Relay at most so many bytes per second, in each direction of each connection: 20k or 1.5M.", "BYTES", Quantity.Bytes, "a number of bytes, such as 20k or 1.5M");

    private readonly Option<double?> _loss = CommonOptions.Parsed<double?>(
        "--loss", "Lose so many of the datagrams; of a stream, delay so many of the reads by 200 ms, as after a lost segment.", "PERCENT", Percent, "a percentage from 0 to 100");

    private readonly Option<(long? Bytes, TimeSpan? Time)?> _cut = CommonOptions.Parsed<(long? Bytes, TimeSpan? Time)?>(
        "--cut-after", "Reset each connection after so many bytes of both directions (10k), or after a time, which needs its unit (5s).", "BYTES|TIME", Cut, "a number of bytes, or a time with its unit, such as 10k or 5s");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_latency, _jitter, _rate, _loss, _cut])
        {
            command.Add(option);
        }
    }

    public Faults Read(ParseResult result) => new()
    {
        Latency = result.GetValue(_latency) ?? TimeSpan.Zero,
        Jitter = result.GetValue(_jitter) ?? TimeSpan.Zero,
        Rate = result.GetValue(_rate) is > 0 and var rate ? rate : null,
        Loss = result.GetValue(_loss) ?? 0,
        CutAfterBytes = result.GetValue(_cut)?.Bytes,
        CutAfterTime = result.GetValue(_cut)?.Time,
    };

    private static double? Percent(string text) =>
        double.TryParse(text.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 100 ? value / 100 : null;

    private static (long? Bytes, TimeSpan? Time)? Cut(string text) => (Quantity.Bytes(text), Quantity.Time(text, needsUnit: true)) switch
    {
        (_, { } time) => (null, time),
        ({ } bytes, _) => (bytes, null),
        _ => null,
    };
}
