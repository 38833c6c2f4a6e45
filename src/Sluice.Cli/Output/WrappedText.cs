using System.Text;

namespace Sluice.Cli.Output;

/// <summary>Breaks text into lines between its words, which a terminal does not do.</summary>
internal static class WrappedText
{
    /// <summary>Gets the width of the terminal that the standard output is; null if it is none: a program that reads the text wants whole lines.</summary>
    public static int? OutputWidth => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? null : Console.WindowWidth;

    /// <summary>Prints a sentence to the standard output.</summary>
    public static void WriteLine(string text) => WriteLine(string.Empty, text);

    /// <summary>Prints a text to the standard output, beside what its first line begins with.</summary>
    public static void WriteLine(string head, string text)
    {
        foreach (string line in Beside(head, text, OutputWidth))
        {
            Console.WriteLine(line);
        }
    }

    /// <summary>Breaks a text into lines that begin below each other, the first behind <paramref name="head"/>.</summary>
    public static IEnumerable<string> Beside(string head, string text, int? width) =>
        Lines(EscapedText.Printable(text), width - head.Length).Select((line, i) => (i == 0 ? head : new string(' ', head.Length)) + line);

    /// <summary>Breaks a text. A word that is longer than a line stays whole.</summary>
    /// <param name="text">Text without line breaks.</param>
    /// <param name="width">The most that a line takes; null for one line.</param>
    public static IEnumerable<string> Lines(string text, int? width)
    {
        if (width is null)
        {
            yield return text;
            yield break;
        }

        var line = new StringBuilder();
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.ToString();
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : string.Empty).Append(word);
        }

        yield return line.ToString();
    }
}
