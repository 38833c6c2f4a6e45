namespace Sluice.Cli.Output;

/// <summary>Shows on the last line of a terminal how far long work is. If standard error is no terminal, or a dumb one, it shows nothing.</summary>
internal sealed class Progress(bool isWanted)
{
    private const string EraseLine = "\r\e[K";

    // The one whose text stands on the terminal; null for none.
    private static volatile Progress? s_shown;

    private readonly Lock _lock = new();
    private string _shown = string.Empty;

    public bool IsShown { get; } = isWanted && !Console.IsErrorRedirected && SystemTerminal.TakesSequences;

    /// <summary>Writes lines to standard error, above the text that is shown there.</summary>
    public static void WriteError(params string[] lines)
    {
        if (s_shown is { } shown)
        {
            shown.WriteLines(Console.Error, lines);
        }
        else
        {
            Write(Console.Error, lines);
        }
    }

    /// <summary>Shows a text in place of the last one.</summary>
    public void Show(string text)
    {
        if (IsShown)
        {
            lock (_lock)
            {
                // A text that fills the line would begin another one.
                s_shown = this;
                _shown = Fit(EscapedText.Printable(text), Console.WindowWidth - 1);
                Console.Error.Write(EraseLine + _shown);
            }
        }
    }

    /// <summary>Leaves out the parts at the end for which there is no room: half a number would be another number.</summary>
    internal static string Fit(string text, int width)
    {
        while (text.Length > width && text.LastIndexOf(", ", StringComparison.Ordinal) is > 0 and var comma)
        {
            text = text[..comma];
        }

        return text[..Math.Min(text.Length, Math.Max(width, 0))];
    }

    /// <summary>Erases the text.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (_shown.Length > 0)
            {
                _shown = string.Empty;
                s_shown = null;
                Console.Error.Write(EraseLine);
            }
        }
    }

    // Above the text.
    private void WriteLines(TextWriter writer, string[] lines)
    {
        lock (_lock)
        {
            if (_shown.Length == 0)
            {
                Write(writer, lines);
                return;
            }

            Console.Error.Write(EraseLine);
            Write(writer, lines);
            Console.Error.Write(_shown);
        }
    }

    // At once, so that lines of other threads do not come between them.
    private static void Write(TextWriter writer, string[] lines)
    {
        if (lines is [var only])
        {
            writer.WriteLine(only);
            return;
        }

        writer.Write(string.Concat(lines.Select(line => EscapedText.Printable(line) + writer.NewLine)));
    }
}
