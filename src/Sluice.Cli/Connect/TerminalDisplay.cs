using System.Text;
using System.Text.RegularExpressions;
using Sluice.Cli.Output;

namespace Sluice.Cli.Connect;

/// <summary>
/// Edits lines on a terminal, while the server may print at any time. What the server prints goes above the line that is being typed; text of the server
/// without an end of line, such as "login: ", stands before it.
/// </summary>
internal sealed partial class TerminalDisplay(ITerminal terminal) : Display
{
    private const int MaxPrompt = 1000;

    private static readonly byte[] s_eraseLine = "\r\e[K"u8.ToArray();

    // Guards all below, and the order of what is written: one task prints, another one reads keys.
    private readonly Lock _lock = new();
    private readonly LineBuffer _line = new(new LineHistory());
    private byte[] _prompt = [];

    public override ValueTask ReceivedAsync(ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            EraseAndPrompt();
            terminal.Write(bytes.Span);
            int end = bytes.Span.LastIndexOf((byte)'\n');
            byte[] last = end >= 0 ? bytes.Span[(end + 1)..].ToArray() : [.. _prompt, .. bytes.Span];
            _prompt = last.Length <= MaxPrompt ? last : last[^MaxPrompt..];
            Draw();
        }

        return ValueTask.CompletedTask;
    }

    public override string? ReadLine()
    {
        while (true)
        {
            ConsoleKeyInfo key = terminal.ReadKey();
            lock (_lock)
            {
                if (key.Key == ConsoleKey.Enter)
                {
                    // The whole line, of which a part may have been shown.
                    EraseAndPrompt();
                    terminal.Write(Encoding.UTF8.GetBytes($"{_line.Text}\r\n"));
                    _prompt = [];
                    return _line.Take();
                }

                if (key.Key == ConsoleKey.D && key.Modifiers.HasFlag(ConsoleModifiers.Control) && _line.Text.Length == 0)
                {
                    return null;
                }

                _line.Apply(key);
                Redraw();
            }
        }
    }

    private void Redraw()
    {
        EraseAndPrompt();
        Draw();
    }

    // A prompt that is longer than a row has filled those above, which stay.
    private void EraseAndPrompt()
    {
        terminal.Write(s_eraseLine);
        string text = PromptText();
        terminal.Write(LineWindow.CellsOf(text) < terminal.Width ? _prompt : Encoding.UTF8.GetBytes(LineWindow.LastRow(text, terminal.Width)));
    }

    // A line that is longer than its row would wrap, and the next drawing would begin on the wrong row.
    private void Draw()
    {
        int left = terminal.Width - 1 - LineWindow.CellsOf(LineWindow.LastRow(PromptText(), terminal.Width));
        LineWindow window = LineWindow.Of(_line.Text, _line.Cursor, Math.Max(left, 1));
        terminal.Write(Encoding.UTF8.GetBytes(window.CellsBehindCursor == 0 ? window.Text : $"{window.Text}\e[{window.CellsBehindCursor}D"));
    }

    // Colors and the like take no cells.
    private string PromptText() => EscapeSequence().Replace(Encoding.UTF8.GetString(_prompt), string.Empty);

    [GeneratedRegex("\\e\\[[0-9;?]*[A-Za-z]")]
    private static partial Regex EscapeSequence();
}
