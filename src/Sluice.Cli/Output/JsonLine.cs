using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sluice.Cli.Output;

/// <summary>Formats an object as one line of JSON.</summary>
internal static class JsonLine
{
    // The output is no HTML, so only what JSON itself requires is escaped.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Formats properties; those that are null are left out.</summary>
    public static string Of(params ReadOnlySpan<(string Name, object? Value)> properties)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, s_options))
        {
            writer.WriteStartObject();
            foreach ((string name, object? value) in properties)
            {
                Write(writer, name, value);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter writer, string name, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case bool truth:
                writer.WriteBoolean(name, truth);
                break;
            case int or long:
                writer.WriteNumber(name, Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case double number:
                writer.WriteNumber(name, Math.Round(number, 3));
                break;
            case IEnumerable<string> list:
                writer.WriteStartArray(name);
                foreach (string item in list)
                {
                    writer.WriteStringValue(item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteString(name, value.ToString());
                break;
        }
    }
}
