using System.Collections.Concurrent;
using System.Text;
using Sluice.Cli.Output;

namespace Sluice.Cli.Tests;

/// <summary>A terminal whose keys a test types.</summary>
internal sealed class ScriptedTerminal(int width, int height = 24) : ITerminal
{
    private readonly BlockingCollection<ConsoleKeyInfo> _keys = [];
    private readonly StringBuilder _written = new();

    /// <summary>Gets all that was written.</summary>
    public string Written
    {
        get
        {
            lock (_written)
            {
                return _written.ToString();
            }
        }
    }

    public int Width { get; set; } = width;

    public int Height { get; set; } = height;

    public void Type(string text)
    {
        foreach (char character in text)
        {
            ConsoleKey key = character == '\r' ? ConsoleKey.Enter : Enum.TryParse(char.ToUpperInvariant(character).ToString(), out ConsoleKey letter) && char.IsAsciiLetter(character) ? letter : ConsoleKey.None;
            _keys.Add(new ConsoleKeyInfo(character, key, shift: false, alt: false, control: false));
        }
    }

    public void Type(ConsoleKey key) => _keys.Add(new ConsoleKeyInfo('\0', key, shift: false, alt: false, control: false));

    public ConsoleKeyInfo ReadKey() => _keys.Take();

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_written)
        {
            _written.Append(Encoding.UTF8.GetString(bytes));
        }
    }
}
