using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using Sluice.Cli.Output;

namespace Sluice.Cli.Recording;

/// <summary>
/// Creates the file of a recording. Two processes that write to one file would damage it: each would write over the packets of the other. A relay and the one
/// that takes its listener over record to the same file for a while, and so both append to it.
/// </summary>
internal static partial class RecordingFile
{
    // flock(2) and fcntl(2). The locks are the same on Linux, macOS and FreeBSD; a hand-over needs Linux.
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockWithoutWait = 4;
    private const int SetFlags = 4;
    private const int Append = 0x400;

    /// <summary>Creates a file, or empties the one that is there.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="isShared">Whether to append to the recording of a process that still runs. Without it, that is an error.</param>
    /// <exception cref="IOException">The file cannot be written, or another process uses it.</exception>
    public static FileStream Create(string path, bool isShared)
    {
        PlainPath.ThrowIfFolder(path);
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        }

        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            Prepare(file, path, isShared);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    [UnsupportedOSPlatform("windows")]
    private static void Prepare(FileStream file, string path, bool isShared)
    {
        // A pipe has one writer, which is all there is to it.
        if (!file.CanSeek)
        {
            return;
        }

        bool isAlone = IsAlone(file.SafeFileHandle);
        if (!isAlone && !isShared)
        {
            throw new IOException($"{path} is in use by another process, such as a relay that records to it.");
        }

        if (isAlone && file.Length > 0)
        {
            file.SetLength(0);
        }

        if (isShared)
        {
            _ = Control((int)file.SafeFileHandle.DangerousGetHandle(), SetFlags, Append);
        }
    }

    // The framework takes a shared lock for FileShare.Read. An exclusive one is refused while another process has the file open in this way; where the file system
    // has no locks, none is.
    [UnsupportedOSPlatform("windows")]
    private static bool IsAlone(SafeFileHandle handle)
    {
        int descriptor = (int)handle.DangerousGetHandle();
        bool isAlone = Lock(descriptor, LockExclusive | LockWithoutWait) == 0 || Marshal.GetLastPInvokeError() != WouldBlock;
        _ = Lock(descriptor, LockShared | LockWithoutWait);
        return isAlone;
    }

    private static int WouldBlock => OperatingSystem.IsLinux() ? 11 : 35;

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Lock(int descriptor, int operation);

    // The third argument is a variable one, which on Linux is passed as the others are.
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int value);
}
