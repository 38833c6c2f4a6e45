using System.Globalization;

namespace Sluice.Faults.Kit;

/// <summary>What a process holds, as Linux reports it (proc(5)).</summary>
/// <param name="Memory">The resident bytes.</param>
/// <param name="Descriptors">The open file descriptors.</param>
/// <param name="Threads">The threads.</param>
internal readonly record struct Footprint(long Memory, int Descriptors, int Threads)
{
    public static Footprint Of(int process)
    {
        string[] status = File.ReadAllLines($"/proc/{process}/status");
        return new Footprint(Number(status, "VmRSS:") * 1024, Directory.GetFiles($"/proc/{process}/fd").Length, (int)Number(status, "Threads:"));
    }

    /// <summary>Gets the processor time that a process has used.</summary>
    public static TimeSpan ProcessorTimeOf(int process)
    {
        // The name, in parentheses, may have blanks. utime and stime are the fields 14 and 15, in hundredths of a second.
        string[] fields = File.ReadAllText($"/proc/{process}/stat").Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return TimeSpan.FromSeconds((long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0);
    }

    private static long Number(string[] status, string name) => long.Parse(
        status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
