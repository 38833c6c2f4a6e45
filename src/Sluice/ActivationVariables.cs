using System.Globalization;

namespace Sluice;

/// <summary>The environment variables of socket activation (sd_listen_fds(3)).</summary>
internal static class ActivationVariables
{
    // More would be a mistake, and each a system call: systemd passes on what is open, of which there may be so many.
    private const int MaxSockets = 64 * 1024;
    private const string Process = "LISTEN_PID";
    private const string Count = "LISTEN_FDS";
    private const string Names = "LISTEN_FDNAMES";

    // Newer managers tell the process in a way that survives the reuse of its number; what follows is not for children either.
    private const string ProcessIdentity = "LISTEN_PIDFDID";

    /// <summary>The names of the sockets, and clears the variables, so that nobody takes them for their own.</summary>
    /// <exception cref="InvalidOperationException">They contradict themselves.</exception>
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

    /// <summary>What the variables say to the process of that number.</summary>
    /// <exception cref="InvalidOperationException">They contradict themselves.</exception>
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
            throw new InvalidOperationException($"The environment variable {Count} is '{count}', and more than {MaxSockets} sockets cannot be.");
        }

        if (string.IsNullOrEmpty(names))
        {
            // As sd_listen_fds_with_names(3) calls them.
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
            : throw new InvalidOperationException($"The environment variable {variable} is '{value}', which is no number.");
}
