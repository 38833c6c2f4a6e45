using Sluice.Cli.Output;

namespace Sluice.Cli.Bench.Reports;

/// <summary>The file of a report. It is opened before anything is measured: a path that cannot be written costs no measurement.</summary>
internal sealed class ReportFile : IDisposable
{
    private readonly StreamWriter _file;

    private ReportFile(string path) => _file = new StreamWriter(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write));

    /// <summary>Opens the file. Its content stays until the report is written.</summary>
    /// <returns>The file; null if <paramref name="path"/> is null.</returns>
    public static ReportFile? Open(string? path)
    {
        if (path is null)
        {
            return null;
        }

        PlainPath.ThrowIfFolder(path);
        return new ReportFile(path);
    }

    /// <summary>Writes the report in place of what is in the file.</summary>
    public void Write(string page)
    {
        if (_file.BaseStream.CanSeek)
        {
            _file.BaseStream.SetLength(0);
        }

        _file.Write(page);
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();
}
