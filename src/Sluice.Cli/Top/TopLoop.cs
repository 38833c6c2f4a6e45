using System.Text.Json;

namespace Sluice.Cli.Top;

/// <summary>An event loop of the server.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Activity">What it does.</param>
/// <param name="Queued">How many continuations wait.</param>
/// <param name="Turns">Its turns so far.</param>
/// <param name="AwakeSeconds">How long it has not slept so far.</param>
internal sealed record TopLoop(int Number, string Activity, long Queued, long Turns, double AwakeSeconds)
{
    public static TopLoop Of(JsonElement json) => new(
        json.GetProperty("number").GetInt32(),
        json.GetProperty("activity").GetString() ?? string.Empty,
        json.GetProperty("queued").GetInt64(),
        json.GetProperty("turns").GetInt64(),
        json.GetProperty("awakeMs").GetDouble() / 1000);
}
