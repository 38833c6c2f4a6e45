namespace Sluice.Cli.Output;

/// <summary>Shows on the last line of a terminal how far long work is. If standard error is no terminal, it shows nothing.</summary>
internal sealed class Progress(bool isWanted)
{
    private const string EraseLine = "\r\e[K";

    private readonly Lock _lock = new();
    private string _shown = string.Empty;

    public bool IsShown { get; } = isWanted && !Console.IsErrorRedirected;

    /// <summary>Shows a text in place of the last one.</summary>
    public void Show(string text)
    {
        if (IsShown)
        {
            lock (_lock)
            {
                // A text that fills the line would begin another one.
                _shown = text[..Math.Min(text.Length, Math.Max(Console.WindowWidth - 1, 0))];
                Console.Error.Write(EraseLine + _shown);
            }
        }
    }

    /// <summary>Erases the text.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_shown.Length > 0)
            {
                _shown = string.Empty;
                Console.Error.Write(EraseLine);
            }
        }
    }

    /// <summary>Writes a line above the text.</summary>
    public void WriteLine(TextWriter writer, string line)
    {
        lock (_lock)
        {
            if (_shown.Length == 0)
            {
                writer.WriteLine(line);
                return;
            }

            Console.Error.Write(EraseLine);
            writer.WriteLine(line);
            Console.Error.Write(_shown);
        }
    }
}
