using System.Globalization;

namespace Sluice;

/// <summary>Reads the environment variables of socket activation (sd_listen_fds(3)).</summary>
internal static class ActivationVariables
{
    // A bound, because each socket takes a system call: more are a mistake of the service manager.
    private const int MaxSockets = 64 * 1024;
    private const string Process = "LISTEN_PID";
    private const string Count = "LISTEN_FDS";
    private const string Names = "LISTEN_FDNAMES";

    // The identity of the process in newer service managers. Like the others, it must not be inherited by child processes.
    private const string ProcessIdentity = "LISTEN_PIDFDID";

    /// <summary>Gets the names of the sockets, and clears the variables, so that child processes do not inherit them.</summary>
    /// <exception cref="InvalidOperationException">The variables are inconsistent.</exception>
    public static string[] Take()
    {
        string? process = Environment.GetEnvironmentVariable(Process);
        string? count = Environment.GetEnvironmentVariable(Count);
        string? names = Environment.GetEnvironmentVariable(Names);
        foreach (string variable in (string[])[Process, Count, Names, ProcessIdentity])
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        return OperatingSystem.IsLinux() ? Parse(process, count, names, Environment.ProcessId) : [];
    }

    /// <summary>Parses the variables for the process with an id.</summary>
    /// <exception cref="InvalidOperationException">The variables are inconsistent.</exception>
    public static string[] Parse(string? process, string? count, string? names, int processId)
    {
        if (string.IsNullOrEmpty(process) || string.IsNullOrEmpty(count))
        {
            return [];
        }

        if (ParseNumber(Process, process) != processId)
        {
            return [];
        }

        int sockets = ParseNumber(Count, count);
        if (sockets > MaxSockets)
        {
            throw new InvalidOperationException($"The environment variable {Count} is '{count}'; the limit is {MaxSockets} sockets.");
        }

        if (string.IsNullOrEmpty(names))
        {
            // The name that sd_listen_fds_with_names(3) uses.
            string[] unknown = new string[sockets];
            Array.Fill(unknown, "unknown");
            return unknown;
        }

        string[] given = names.Split(':');
        return given.Length == sockets
            ? given
            : throw new InvalidOperationException($"The environment variable {Names} has {given.Length} names for {sockets} sockets.");
    }

    private static int ParseNumber(string variable, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new InvalidOperationException($"The environment variable {variable} is '{value}', which is not a number.");
}
