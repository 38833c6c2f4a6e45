using System.Globalization;
using System.Text;

namespace Sluice.Cli.Connect;

/// <summary>Says how many cells of a terminal text takes: none for a combining mark, two for a wide character (Unicode Standard Annex 11).</summary>
internal static class CellWidth
{
    // The blocks of wide characters, and of emoji.
    private static readonly (int First, int Last)[] s_wide =
    [
        (0x1100, 0x115F), (0x2E80, 0x303E), (0x3041, 0x4DBF), (0x4E00, 0xA4CF), (0xA960, 0xA97C), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
        (0xFE30, 0xFE6F), (0xFF00, 0xFF60), (0xFFE0, 0xFFE6), (0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF), (0x20000, 0x3FFFD),
    ];

    /// <summary>Gets the cells of a character with its combining marks.</summary>
    public static int Of(ReadOnlySpan<char> element)
    {
        int cells = 0;
        foreach (Rune rune in element.EnumerateRunes())
        {
            cells = Math.Max(cells, Of(rune));
        }

        return cells;
    }

    private static int Of(Rune rune)
    {
        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format or UnicodeCategory.Control)
        {
            return 0;
        }

        return Array.Exists(s_wide, range => rune.Value >= range.First && rune.Value <= range.Last) ? 2 : 1;
    }
}
