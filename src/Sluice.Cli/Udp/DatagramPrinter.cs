using System.Globalization;
using System.Net;
using System.Text;
using Sluice.Cli.Output;

namespace Sluice.Cli.Udp;

/// <summary>Prints datagrams, a line each.</summary>
internal sealed class DatagramPrinter(bool hex, bool json)
{
    /// <summary>Prints a datagram.</summary>
    /// <param name="sender">Where it came from.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="elapsed">How long after the question it came; null if there was none.</param>
    public void Print(EndPoint sender, ReadOnlySpan<byte> bytes, TimeSpan? elapsed)
    {
        if (json)
        {
            Console.WriteLine(JsonLine.Of(
                ("sender", $"{sender}"), ("bytes", bytes.Length), ("milliseconds", elapsed?.TotalMilliseconds), ("hex", Convert.ToHexStringLower(bytes)), ("text", Text(bytes))));
            return;
        }

        string time = elapsed is { } passed
            ? Quantity.Milliseconds(passed)
            : DateTime.Now.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        Console.WriteLine($"{time}  {sender}  {Quantity.Of(bytes.Length, "byte")}: {(hex ? Convert.ToHexStringLower(bytes) : Text(bytes))}");
    }

    // The text of a stranger must not control the terminal.
    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (char character in Encoding.UTF8.GetString(bytes))
        {
            text.Append(char.IsControl(character) ? '.' : character);
        }

        return text.ToString();
    }
}
