using System.Globalization;
using System.Text;

namespace Sluice.Cli.Output;

/// <summary>Converts between bytes and text in which <c>\n</c> and <c>\xHH</c> stand for those that cannot be typed.</summary>
internal static class EscapedText
{
    private static readonly (char Letter, byte Value)[] s_escapes = [('r', (byte)'\r'), ('n', (byte)'\n'), ('t', (byte)'\t'), ('\\', (byte)'\\')];

    /// <summary>Creates an option whose value is such a text.</summary>
    public static System.CommandLine.Option<byte[]> Option(string name, string description) =>
        CommonOptions.Parsed(name, description, "TEXT", Parse, @"a text in which only \r, \n, \t, \\ and \xHH follow a backslash");

    /// <summary>Parses a text. Returns null if something else follows a backslash.</summary>
    public static byte[]? Parse(string text)
    {
        var bytes = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                int length = char.IsHighSurrogate(text[i]) && i + 1 < text.Length ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(i, length)));
                i += length - 1;
            }
            else if (i + 3 < text.Length && text[i + 1] == 'x' && byte.TryParse(text.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                bytes.Add(value);
                i += 3;
            }
            else if (i + 1 < text.Length && Array.FindIndex(s_escapes, one => one.Letter == text[i + 1]) is >= 0 and int escape)
            {
                bytes.Add(s_escapes[escape].Value);
                i++;
            }
            else
            {
                return null;
            }
        }

        return [.. bytes];
    }

    /// <summary>Escapes what would control a terminal, end a line, or show the text in another order. What is printable stays, a backslash too.</summary>
    public static string Printable(string text)
    {
        if (!text.Any(IsUnprintable))
        {
            return text;
        }

        var printable = new StringBuilder();
        foreach (char character in text)
        {
            printable.Append(IsUnprintable(character) ? Escape(character) : $"{character}");
        }

        return printable.ToString();
    }

    /// <summary>Formats the first line of some bytes, up to a length.</summary>
    public static string FirstLine(ReadOnlySpan<byte> bytes, int most)
    {
        int end = bytes.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = (end < 0 ? bytes : bytes[..end]).TrimEnd((byte)'\r');
        var text = new StringBuilder();
        foreach (byte one in line[..Math.Min(line.Length, most)])
        {
            text.Append(one is >= 0x20 and < 0x7F ? $"{(char)one}" : $"\\x{one:x2}");
        }

        return text.Append(line.Length > most ? "…" : string.Empty).ToString();
    }

    // Separators of lines and paragraphs, and what changes the direction of text (Unicode Standard Annex 9), are no control characters for the framework.
    private static bool IsUnprintable(char character) =>
        char.IsControl(character) || character is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    // JSON escapes all below the space by itself; the others have an escape that means the same there.
    private static string Escape(char character) => Array.Find(s_escapes, one => one.Value == character) switch
    {
        { Letter: not '\0' and var letter } => $"\\{letter}",
        _ => character < ' ' ? $"\\x{(int)character:x2}" : $"\\u{(int)character:x4}",
    };
}
