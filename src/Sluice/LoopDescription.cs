using System.Globalization;
using System.Text.Json;

namespace Sluice;

/// <summary>What an event loop was doing at one moment.</summary>
/// <param name="Number">Its number, from 0 on.</param>
/// <param name="Activity">What it did.</param>
/// <param name="Queued">How many continuations waited to be run.</param>
/// <param name="Turns">How many rounds it has made.</param>
/// <param name="Awake">For how long, in all, it has not slept.</param>
/// <param name="Handoffs">How often it went on on another thread, because a handler held it up.</param>
public sealed record LoopDescription(int Number, LoopActivity Activity, long Queued, long Turns, TimeSpan Awake, long Handoffs)
{
    /// <summary>As text, in one line.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"loop {Number}: {Activity}, {Queued} queued, {Turns} turns, {Handoffs} handoffs");

    internal void Write(Utf8JsonWriter output)
    {
        output.WriteStartObject();
        output.WriteNumber("number", Number);
        output.WriteString("activity", Activity.ToString());
        output.WriteNumber("queued", Queued);
        output.WriteNumber("turns", Turns);
        output.WriteNumber("awakeMs", Awake.TotalMilliseconds);
        output.WriteNumber("handoffs", Handoffs);
        output.WriteEndObject();
    }
}
