using System.ComponentModel;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Sluice.Cli.Output;
using Sluice.Cli.Tls;

namespace Sluice.Cli;

/// <summary>Reports errors in one line.</summary>
internal static class Failures
{
    // ENOMEM, ENFILE and EMFILE, which are the same on Linux, macOS and FreeBSD.
    private const int NoMemory = 12;
    private const int TooManyOpenFilesOfAll = 23;
    private const int TooManyOpenFiles = 24;

    public static int Report(string message, int exitCode = ExitCodes.Failure)
    {
        Progress.WriteError($"sluice: {OneLine(message)}");
        return exitCode;
    }

    /// <summary>Reports a bug, with its stack trace.</summary>
    public static int ReportBug(string text)
    {
        Progress.WriteError($"sluice: {text}".ReplaceLineEndings("\n").Split('\n'));
        return ExitCodes.Failure;
    }

    /// <summary>
    /// Runs a command. Errors of the network or of the arguments become one line; any other exception is a bug and keeps its stack trace.
    /// </summary>
    /// <param name="command">The command.</param>
    /// <param name="errors">Reports the errors; null for as text.</param>
    public static async Task<int> ReportAsync(Func<Task<int>> command, ErrorOutput? errors = null)
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
        catch (OperationCanceledException) when (StopSignals.HasStopped)
        {
            // Stopped before the command had begun, such as during the name lookup.
            return ExitCodes.Success;
        }
        catch (OutputException exception)
        {
            // An object would not be printed either.
            return Report(exception.Message);
        }
        catch (Exception exception) when (IsExpected(exception))
        {
            return (errors ?? ErrorOutput.Text).Report(MessageOf(exception));
        }
    }

    /// <summary>
    /// Gets what an exception says, in one line, without the name of a parameter, which says nothing to the user, and with the reason in place of a pointer to an
    /// inner exception, which the user does not see.
    /// </summary>
    public static string MessageOf(Exception exception)
    {
        const string pointer = "see inner exception";
        string message = exception.Message;
        int at = message.IndexOf(pointer, StringComparison.Ordinal);
        if (at >= 0 && exception.InnerException is not null)
        {
            int colon = message.LastIndexOf(": ", at, StringComparison.Ordinal);
            message = $"{(colon < 0 ? "" : message[..(colon + 2)])}{TlsText.ReasonOf(exception)}.";
        }

        return OneLine(exception is ArgumentException { ParamName: { } name } ? message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal) : message);
    }

    /// <summary>
    /// Whether an exception is an error of the system, such as a command that cannot be started or an error of the network (a <see cref="SocketException"/> is a
    /// <see cref="Win32Exception"/>), or of the arguments.
    /// </summary>
    public static bool IsExpected(Exception exception) => exception
        is Win32Exception or IOException or InvalidDataException or TimeoutException or PlatformNotSupportedException or ArgumentException
        or AuthenticationException or CryptographicException or UnauthorizedAccessException;

    /// <summary>Whether this process or this machine has no descriptors or no memory left: the other side has no part in it.</summary>
    public static bool IsLocalShortage(Exception exception) => exception switch
    {
        SocketException socket => socket.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable,
        Win32Exception system => !OperatingSystem.IsWindows() && system.NativeErrorCode is TooManyOpenFilesOfAll or TooManyOpenFiles or NoMemory,
        AggregateException several => several.InnerExceptions.Any(IsLocalShortage),
        _ => false,
    } || (exception.InnerException is { } inner && IsLocalShortage(inner));

    private static string OneLine(string message) => message.Split('\n')[0].TrimEnd('\r');
}
