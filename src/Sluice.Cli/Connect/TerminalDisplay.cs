using System.Text;

namespace Sluice.Cli.Connect;

/// <summary>
/// Edits lines on a terminal, while the server may print at any time. What the server prints goes above the line that is being typed; text of the server
/// without an end of line, such as "login: ", stands before it.
/// </summary>
internal sealed class TerminalDisplay(ITerminal terminal) : Display
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
            terminal.Write(s_eraseLine);
            terminal.Write(_prompt);
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
                    terminal.Write("\r\n"u8);
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
        terminal.Write(s_eraseLine);
        terminal.Write(_prompt);
        Draw();
    }

    private void Draw()
    {
        string text = _line.Text;
        int behind = text.Length - _line.Cursor;
        terminal.Write(Encoding.UTF8.GetBytes(behind == 0 ? text : $"{text}\e[{behind}D"));
    }
}
