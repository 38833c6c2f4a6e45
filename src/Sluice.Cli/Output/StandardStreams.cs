using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Cli.Output;

/// <summary>
/// Knows which of the standard streams the process was started with. The number of one that was closed, as by <c>&lt;&amp;-</c>, goes to the next file that
/// is opened, so that the command would read a file of the runtime, or write its messages to a client.
/// </summary>
internal static partial class StandardStreams
{
    // The same on Linux, macOS and FreeBSD.
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;

    private const int Count = 3;

    private static readonly bool[] s_missing = new bool[Count];

    // They keep the numbers of the streams that are missing.
    private static readonly List<SafeFileHandle> s_placeholders = [];

    /// <summary>Gets a value indicating whether lines are not typed at a terminal.</summary>
    public static bool IsInputRedirected => s_missing[0] || Console.IsInputRedirected;

    /// <summary>Looks at the streams. Called before the command opens anything.</summary>
    public static void Install()
    {
        if (!OperatingSystem.IsWindows())
        {
            for (int descriptor = 0; descriptor < Count; descriptor++)
            {
                // What was there before the program has no such flag, or it would have been closed when the program was started (execve(2)).
                int flags = GetFlags(descriptor, GetDescriptorFlags);
                s_missing[descriptor] = flags < 0 || (flags & CloseOnExec) != 0;
                if (flags < 0)
                {
                    s_placeholders.Add(File.OpenHandle("/dev/null"));
                }
            }

            if (s_missing[0])
            {
                Console.SetIn(TextReader.Null);
            }
        }

        StandardOutput.Install();
    }

    /// <summary>Whether the process was started without this descriptor.</summary>
    public static bool IsMissing(int descriptor) => s_missing[descriptor];

    /// <summary>Opens the standard input; one that was closed is empty.</summary>
    public static Stream OpenInput() => s_missing[0] ? Stream.Null : Console.OpenStandardInput();

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int GetFlags(int descriptor, int command);
}
