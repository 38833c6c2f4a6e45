using System.Globalization;

namespace Sluice.Bench.Pictures;

/// <summary>A table of results in a Markdown page. Its first header cell is the name of the scenario, and each row begins with the name of a contender.</summary>
internal sealed class MarkdownTable
{
    private readonly string[] _header;
    private readonly Dictionary<string, string[]> _rows;

    private MarkdownTable(string[] header, IEnumerable<string[]> rows)
    {
        _header = header;
        _rows = rows.ToDictionary(row => row[0]);
    }

    /// <summary>Finds the first table of a scenario.</summary>
    /// <exception cref="InvalidDataException">The page has no such table.</exception>
    public static MarkdownTable Find(string page, string scenario)
    {
        string[] lines = [.. page.ReplaceLineEndings("\n").Split('\n').SkipWhile(line => !line.StartsWith($"| {scenario} |", StringComparison.Ordinal))];
        return lines.Length > 0
            ? new MarkdownTable(Cells(lines[0]), lines.Skip(2).TakeWhile(line => line.StartsWith('|')).Select(Cells))
            : throw new InvalidDataException($"The page has no table of {scenario}.");
    }

    public bool HasRow(string contender) => _rows.ContainsKey(contender);

    /// <summary>Reads a number from a row, with the text that the page shows.</summary>
    /// <exception cref="InvalidDataException">The table has no such row or column, or the cell is not a number.</exception>
    public (string Text, double Value) Read(string contender, string column)
    {
        int index = Array.IndexOf(_header, column);
        return index > 0 && _rows.TryGetValue(contender, out string[]? row) && index < row.Length
            && double.TryParse(row[index], NumberStyles.Number, CultureInfo.InvariantCulture, out double value)
                ? (row[index], value)
                : throw new InvalidDataException($"The table of {_header[0]} has no number for {contender} in the column {column}.");
    }

    private static string[] Cells(string line) => [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];
}
