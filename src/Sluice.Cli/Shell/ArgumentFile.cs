using System.CommandLine.Parsing;

namespace Sluice.Cli.Shell;

/// <summary>Reads the arguments that <c>@FILE</c> stands for, those of the files that it names in turn as well.</summary>
internal sealed class ArgumentFile
{
    private const int MaxLength = 256 * 1024;
    private const int MaxFiles = 100;

    // The files that are being read, the outermost first.
    private readonly Stack<string> _open = [];
    private int _files;

    /// <summary>Reads a file, for the parser.</summary>
    /// <param name="path">The file.</param>
    /// <param name="arguments">The arguments; null for an error.</param>
    /// <param name="error">One line that says why there are none.</param>
    public static bool TryRead(string path, out IReadOnlyList<string>? arguments, out string? error)
    {
        try
        {
            (arguments, error) = ([.. new ArgumentFile().Read(path)], null);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            (arguments, error) = (null, Failures.MessageOf(exception));
            return false;
        }
    }

    private IEnumerable<string> Read(string path)
    {
        string full = Path.GetFullPath(path);
        if (_open.Contains(full))
        {
            throw new IOException($"The file of arguments '{path}' contains itself.");
        }

        if (++_files > MaxFiles)
        {
            throw new IOException($"There are more than {MaxFiles} files of arguments; does one contain itself?");
        }

        _open.Push(full);
        foreach (string word in ReadLines(path).SelectMany(WordsOf))
        {
            // The parser replaces no word of a replacement.
            foreach (string argument in word is ['@', _, ..] ? Read(word[1..]) : [word])
            {
                yield return argument;
            }
        }

        _open.Pop();
    }

    private static string[] ReadLines(string path)
    {
        if (Directory.Exists(path))
        {
            throw new IOException($"The file of arguments '{path}' is a folder.");
        }

        try
        {
            using var reader = new StreamReader(path);
            char[] text = new char[MaxLength + 1];
            int length = reader.ReadBlock(text);
            return length <= MaxLength ? new string(text, 0, length).Split('\n', '\r') : throw new IOException($"The file of arguments '{path}' is longer than {MaxLength} characters.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException($"The file of arguments '{path}' is not found.", exception);
        }
    }

    // A line that begins with # is a comment.
    private static IEnumerable<string> WordsOf(string line) => line.TrimStart() is ['#', ..] ? [] : CommandLineParser.SplitCommandLine(line);
}
