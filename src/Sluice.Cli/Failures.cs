using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Sluice.Cli.Output;

namespace Sluice.Cli;

/// <summary>Reports errors in one line.</summary>
internal static class Failures
{
    public static int Report(string message, int exitCode = ExitCodes.Failure)
    {
        Progress.WriteError($"sluice: {OneLine(message)}");
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
        catch (OutputException exception) when (exception.HasNoReader)
        {
            // Not worth a message: its reader has what it wanted.
            return ExitCodes.OutputClosed;
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            return Report(MessageOf(exception));
        }
    }

    /// <summary>Gets what an exception says, in one line and without the name of a parameter, which says nothing to the user.</summary>
    public static string MessageOf(Exception exception) =>
        OneLine(exception is ArgumentException { ParamName: { } name } ? exception.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : exception.Message);

    /// <summary>Whether an exception is an error of the network or of the arguments.</summary>
    public static bool IsExpected(Exception exception) => exception
        is SocketException or IOException or InvalidDataException or TimeoutException or PlatformNotSupportedException or ArgumentException
        or AuthenticationException or CryptographicException or UnauthorizedAccessException;

    // The stack trace of a bug stays whole.
    private static string OneLine(string message) => message.Contains("\n   at ", StringComparison.Ordinal) ? message : message.Split('\n')[0].TrimEnd('\r');
}
