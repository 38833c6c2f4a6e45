using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Sluice.Cli;

/// <summary>Reports errors in one line.</summary>
internal static class Failures
{
    public static int Report(string message, int exitCode = ExitCodes.Failure)
    {
        Console.Error.WriteLine($"sluice: {message}");
        return exitCode;
    }

    /// <summary>
    /// Runs a command. Errors of the network or of the arguments become one line; any other exception is a bug and keeps its stack trace.
    /// </summary>
    public static async Task<int> ReportAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            return Report(exception.Message);
        }
    }

    /// <summary>Whether an exception is an error of the network or of the arguments.</summary>
    public static bool IsExpected(Exception exception) => exception
        is SocketException or IOException or InvalidDataException or TimeoutException or PlatformNotSupportedException or ArgumentException
        or AuthenticationException or CryptographicException or UnauthorizedAccessException;
}
