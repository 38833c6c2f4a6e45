using System.Text;

namespace Sluice.Cli.Connect;

/// <summary>Prints the bytes of both directions as hexadecimal numbers and text, 16 a line.</summary>
internal sealed class HexDisplay(Stream output) : Display
{
    private const int LineLength = 16;

    // Two tasks print.
    private readonly Lock _lock = new();
    private long _received;
    private long _sent;

    public override ValueTask ReceivedAsync(ReadOnlyMemory<byte> bytes) => Print('<', bytes.Span, ref _received);

    public override ValueTask SentAsync(ReadOnlyMemory<byte> bytes) => Print('>', bytes.Span, ref _sent);

    public override void Dispose()
    {
        output.Dispose();
        base.Dispose();
    }

    private ValueTask Print(char direction, ReadOnlySpan<byte> bytes, ref long offset)
    {
        var text = new StringBuilder();
        for (int at = 0; at < bytes.Length; at += LineLength)
        {
            AppendLine(text, direction, offset + at, bytes.Slice(at, Math.Min(LineLength, bytes.Length - at)));
        }

        lock (_lock)
        {
            offset += bytes.Length;
            output.Write(Encoding.ASCII.GetBytes(text.ToString()));
            output.Flush();
        }

        return ValueTask.CompletedTask;
    }

    private static void AppendLine(StringBuilder text, char direction, long offset, ReadOnlySpan<byte> bytes)
    {
        text.Append(direction).Append(' ').Append(offset.ToString("x8", System.Globalization.CultureInfo.InvariantCulture)).Append(' ');
        for (int i = 0; i < LineLength; i++)
        {
            text.Append(i == LineLength / 2 ? "  " : " ").Append(i < bytes.Length ? $"{bytes[i]:x2}" : "  ");
        }

        text.Append("  |");
        foreach (byte one in bytes)
        {
            text.Append(one is >= 0x20 and < 0x7F ? (char)one : '.');
        }

        text.Append("|\n");
    }
}
