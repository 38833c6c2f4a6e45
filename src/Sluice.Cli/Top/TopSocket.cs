using System.Text.Json;

namespace Sluice.Cli.Top;

/// <summary>A socket of the server.</summary>
internal sealed record TopSocket(string Kind, string Local, string Remote, string Tls, int? Loop, string WaitsFor, TimeSpan? WaitsSince, long Received, long Sent)
{
    /// <summary>Gets what the socket is found by in the next snapshot.</summary>
    public string Key => $"{Kind} {Local} {Remote}";

    public static TopSocket Of(JsonElement json) => new(
        Text(json, "kind"),
        Text(json, "local"),
        Text(json, "remote"),
        Text(json, "tls"),
        json.TryGetProperty("loop", out JsonElement loop) ? loop.GetInt32() : null,
        Text(json, "waitsFor"),
        json.TryGetProperty("waitsSinceMs", out JsonElement since) ? TimeSpan.FromMilliseconds(since.GetInt64()) : null,
        json.GetProperty("received").GetInt64(),
        json.GetProperty("sent").GetInt64());

    private static string Text(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? string.Empty : string.Empty;
}
