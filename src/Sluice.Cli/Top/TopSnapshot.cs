using System.Text;
using System.Text.Json;

namespace Sluice.Cli.Top;

/// <summary>Represents a look at a server.</summary>
/// <param name="Time">The time, in ticks of the clock.</param>
/// <param name="Selectors">Its selector managers.</param>
internal sealed record TopSnapshot(long Time, IReadOnlyList<TopSelector> Selectors)
{
    /// <summary>Gets the sockets of all managers.</summary>
    public IEnumerable<TopSocket> Sockets => Selectors.SelectMany(selector => selector.Sockets);

    /// <summary>Parses the data of a debug page.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static TopSnapshot Parse(string text, long time) => Read(text, root => Of(root, time));

    /// <summary>Formats the data of a debug page as one line.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static string ToLine(string text) => Read(text, root =>
    {
        _ = Of(root, time: 0);
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            root.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    });

    private static TopSnapshot Of(JsonElement root, long time) => new(time, [.. root.EnumerateArray().Select(TopSelector.Of)]);

    private static T Read<T>(string text, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            return read(json.RootElement);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException("The server sends something else than the data of a debug page.", exception);
        }
    }
}
