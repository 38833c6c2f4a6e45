using System.Text;

namespace Sluice.Cli.Output;

/// <summary>Breaks text into lines between its words, which a terminal does not do.</summary>
internal static class WrappedText
{
    /// <summary>Gets the width of the terminal that the standard output is; null if it is none: a program that reads the text wants whole lines.</summary>
    public static int? OutputWidth => Console.IsOutputRedirected || Console.WindowWidth <= 0 ? null : Console.WindowWidth;

    /// <summary>Breaks a sentence for the standard output.</summary>
    public static string ForOutput(string text) => string.Join(Environment.NewLine, Lines(text, OutputWidth));

    /// <summary>Breaks a text for the standard output, beside what its first line begins with.</summary>
    public static string ForOutput(string head, string text) => Beside(head, text, OutputWidth);

    /// <summary>Breaks a text into lines that begin below each other, the first behind <paramref name="head"/>.</summary>
    public static string Beside(string head, string text, int? width) =>
        head + string.Join(Environment.NewLine + new string(' ', head.Length), Lines(text, width - head.Length));

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
