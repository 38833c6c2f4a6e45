using System.Globalization;
using System.Text;

namespace Sluice.Cli.Connect;

/// <summary>The line that is being typed, and the cursor in it. The keys are those of a shell.</summary>
internal sealed class LineBuffer(LineHistory history)
{
    private readonly StringBuilder _text = new();

    public string Text => _text.ToString();

    /// <summary>Gets the number of characters before the cursor.</summary>
    public int Cursor { get; private set; }

    // A character as people see it, with its combining marks, is one step.
    private int Before => StringInfo.ParseCombiningCharacters(Text).LastOrDefault(start => start < Cursor);

    private int After => Cursor == _text.Length ? Cursor : Cursor + StringInfo.GetNextTextElementLength(Text, Cursor);

    /// <summary>Applies a key that does not end the line.</summary>
    public void Apply(ConsoleKeyInfo key)
    {
        // AltGr is both on Windows, and types a character.
        switch (key.Modifiers & (ConsoleModifiers.Control | ConsoleModifiers.Alt))
        {
            case ConsoleModifiers.Control:
                ApplyControl(key.Key);
                break;
            case ConsoleModifiers.Alt:
                ApplyAlt(key.Key);
                break;
            default:
                ApplyPlain(key);
                break;
        }
    }

    /// <summary>Ends the line: returns it, and begins an empty one.</summary>
    public string Take()
    {
        string line = Text;
        history.Add(line);
        Set(string.Empty);
        return line;
    }

    private void ApplyPlain(ConsoleKeyInfo key)
    {
        switch (key.Key)
        {
            case ConsoleKey.Backspace:
                Remove(Before, Cursor - Before);
                break;
            case ConsoleKey.Delete:
                Remove(Cursor, After - Cursor);
                break;
            case ConsoleKey.LeftArrow:
                Cursor = Before;
                break;
            case ConsoleKey.RightArrow:
                Cursor = After;
                break;
            case ConsoleKey.Home:
                Cursor = 0;
                break;
            case ConsoleKey.End:
                Cursor = _text.Length;
                break;
            case ConsoleKey.UpArrow:
                Set(history.Previous(Text));
                break;
            case ConsoleKey.DownArrow:
                Set(history.Next());
                break;
            default:
                Insert(key.KeyChar);
                break;
        }
    }

    private void ApplyControl(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.A:
                Cursor = 0;
                break;
            case ConsoleKey.E:
                Cursor = _text.Length;
                break;
            case ConsoleKey.U:
                Remove(0, Cursor);
                break;
            case ConsoleKey.K:
                Remove(Cursor, _text.Length - Cursor);
                break;
            case ConsoleKey.W or ConsoleKey.Backspace:
                RemoveWord();
                break;
            case ConsoleKey.D:
                Remove(Cursor, After - Cursor);
                break;
            case ConsoleKey.B:
                Cursor = Before;
                break;
            case ConsoleKey.F:
                Cursor = After;
                break;
            case ConsoleKey.P:
                Set(history.Previous(Text));
                break;
            case ConsoleKey.N:
                Set(history.Next());
                break;
            case ConsoleKey.LeftArrow:
                Cursor = WordStart();
                break;
            case ConsoleKey.RightArrow:
                Cursor = WordEnd();
                break;
            default:
                break;
        }
    }

    private void ApplyAlt(ConsoleKey key)
    {
        switch (key)
        {
            case ConsoleKey.B or ConsoleKey.LeftArrow:
                Cursor = WordStart();
                break;
            case ConsoleKey.F or ConsoleKey.RightArrow:
                Cursor = WordEnd();
                break;
            case ConsoleKey.D:
                Remove(Cursor, WordEnd() - Cursor);
                break;
            case ConsoleKey.Backspace:
                RemoveWord();
                break;
            default:
                break;
        }
    }

    private void Insert(char character)
    {
        if (!char.IsControl(character) || character == '\t')
        {
            _text.Insert(Cursor++, character);
        }
    }

    private void Remove(int at, int count)
    {
        if (at >= 0 && at + count <= _text.Length)
        {
            _text.Remove(at, count);
            Cursor = Math.Min(at, Cursor);
        }
    }

    private void RemoveWord()
    {
        int start = WordStart();
        Remove(start, Cursor - start);
    }

    private int WordStart()
    {
        int at = Cursor;
        while (at > 0 && _text[at - 1] == ' ')
        {
            at--;
        }

        while (at > 0 && _text[at - 1] != ' ')
        {
            at--;
        }

        return at;
    }

    private int WordEnd()
    {
        int at = Cursor;
        while (at < _text.Length && _text[at] == ' ')
        {
            at++;
        }

        while (at < _text.Length && _text[at] != ' ')
        {
            at++;
        }

        return at;
    }

    private void Set(string? text)
    {
        if (text is not null)
        {
            _text.Clear().Append(text);
            Cursor = text.Length;
        }
    }
}
