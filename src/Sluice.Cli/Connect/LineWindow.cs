using System.Globalization;
using System.Text;

namespace Sluice.Cli.Connect;

/// <summary>The part of a line that fits into some cells, with the cursor in it.</summary>
/// <param name="Text">The part.</param>
/// <param name="CellsBehindCursor">How many of its cells are behind the cursor.</param>
internal readonly record struct LineWindow(string Text, int CellsBehindCursor)
{
    /// <summary>Cuts the part out.</summary>
    /// <param name="line">The line.</param>
    /// <param name="cursor">The number of characters before the cursor.</param>
    /// <param name="cells">The cells that there are.</param>
    public static LineWindow Of(string line, int cursor, int cells)
    {
        // A tab would jump to a stop that depends on what stands before it.
        string shown = line.Replace('\t', ' ');
        int[] starts = StringInfo.ParseCombiningCharacters(shown);
        int[] widths = new int[starts.Length];
        for (int i = 0; i < starts.Length; i++)
        {
            int end = i + 1 < starts.Length ? starts[i + 1] : shown.Length;
            widths[i] = CellWidth.Of(shown.AsSpan(starts[i], end - starts[i]));
        }

        int at = Array.FindIndex(starts, start => start >= cursor);
        at = at < 0 ? starts.Length : at;

        // If not all of it fits: what stands before the cursor, and what then fits behind it.
        int before = widths[..at].Sum();
        int first = 0;
        int most = widths.Sum() <= cells ? cells : cells * 3 / 4;
        while (before > most && first < at)
        {
            before -= widths[first++];
        }

        int behind = 0;
        int last = at;
        while (last < widths.Length && before + behind + widths[last] <= cells)
        {
            behind += widths[last++];
        }

        int from = first < starts.Length ? starts[first] : shown.Length;
        int to = last < starts.Length ? starts[last] : shown.Length;
        return new LineWindow(shown[from..to], behind);
    }

    /// <summary>Cuts off the end of a text: what stands on the last row of a terminal after it was printed from the start of a row.</summary>
    public static string LastRow(string text, int width)
    {
        var row = new StringBuilder();
        int cells = 0;
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            string element = elements.GetTextElement();
            int added = CellWidth.Of(element);
            if (cells + added > width)
            {
                row.Clear();
                cells = 0;
            }

            row.Append(element);
            cells += added;
        }

        return row.ToString();
    }

    /// <summary>Gets the cells of a text.</summary>
    public static int CellsOf(string text)
    {
        int cells = 0;
        TextElementEnumerator elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            cells += CellWidth.Of(elements.GetTextElement());
        }

        return cells;
    }
}
