using System.Globalization;
using System.Text.Json;

namespace Sluice;

/// <summary>Represents a snapshot of an event loop.</summary>
/// <param name="Number">The number of the loop, from 0.</param>
/// <param name="Activity">The activity of the loop.</param>
/// <param name="Queued">The number of continuations that wait to run.</param>
/// <param name="Turns">The number of rounds of the loop.</param>
/// <param name="Awake">The total time in which the loop did not sleep.</param>
/// <param name="Handoffs">The number of times that the loop continued on another thread, because a handler blocked it.</param>
public sealed record LoopDescription(int Number, LoopActivity Activity, long Queued, long Turns, TimeSpan Awake, long Handoffs)
{
    /// <summary>Returns the description as one line of text.</summary>
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
