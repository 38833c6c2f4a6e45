using System.Globalization;

namespace Sluice.Hosting;

/// <summary>The number of file descriptors that the process uses, and its limit (getrlimit(2), RLIMIT_NOFILE).</summary>
internal readonly record struct Descriptors(int Used, long Max)
{
    private const string LimitsFile = "/proc/self/limits";
    private const string LimitName = "Max open files";

    /// <summary>Whether at least nine tenths of the limit are used.</summary>
    public bool AreScarce => Used >= Max / 10 * 9;

    /// <summary>Reads both numbers; null if the system does not provide them.</summary>
    public static Descriptors? Read()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            string? line = File.ReadLines(LimitsFile).FirstOrDefault(each => each.StartsWith(LimitName, StringComparison.Ordinal));
            string? limit = line?[LimitName.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            return long.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out long max)
                ? new Descriptors(Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(), max)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
