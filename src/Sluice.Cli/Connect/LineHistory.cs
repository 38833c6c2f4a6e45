namespace Sluice.Cli.Connect;

/// <summary>The lines that were typed in this session. They stay in memory: some are passwords.</summary>
internal sealed class LineHistory
{
    private const int MaxLines = 1000;

    private readonly List<string> _lines = [];
    private int _at;
    private string _draft = string.Empty;

    public void Add(string line)
    {
        if (line.Length > 0 && (_lines.Count == 0 || _lines[^1] != line))
        {
            _lines.Add(line);
            if (_lines.Count > MaxLines)
            {
                _lines.RemoveAt(0);
            }
        }

        _at = _lines.Count;
    }

    /// <summary>Gets the line before; null at the oldest one.</summary>
    /// <param name="current">The text that stands there, which <see cref="Next"/> returns after the newest line.</param>
    public string? Previous(string current)
    {
        if (_at == 0)
        {
            return null;
        }

        _draft = _at == _lines.Count ? current : _draft;
        return _lines[--_at];
    }

    /// <summary>Gets the line after; null behind the newest one.</summary>
    public string? Next()
    {
        if (_at == _lines.Count)
        {
            return null;
        }

        return ++_at == _lines.Count ? _draft : _lines[_at];
    }
}
