using System.Runtime.InteropServices;

namespace Sluice.Cli.Output;

/// <summary>
/// Calls read(2) and write(2), which use and move the offset that a descriptor shares with other processes. A <see cref="FileStream"/> has an offset of its own,
/// and would write over what others have written.
/// </summary>
internal static partial class DescriptorCalls
{
    // The same on Linux and macOS, but for EAGAIN.
    public const int BadDescriptor = 9;
    public const int BrokenPipe = 32;

    private const int Interrupted = 4;
    private const short PollIn = 1;
    private const short PollOut = 4;
    private static readonly int s_again = OperatingSystem.IsLinux() ? 11 : 35;

    /// <summary>Reads some bytes. Returns their number, 0 at the end, and -1 with an error.</summary>
    public static nint Read(int descriptor, Span<byte> buffer, out int error)
    {
        nint count;
        do
        {
            count = Read(descriptor, buffer, buffer.Length);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (IsWorthAnotherTry(descriptor, error, PollIn));
        return count;
    }

    /// <summary>Writes some bytes. Returns their number, and -1 with an error.</summary>
    public static nint Write(int descriptor, ReadOnlySpan<byte> bytes, out int error)
    {
        nint count;
        do
        {
            count = Write(descriptor, bytes, bytes.Length);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        }
        while (IsWorthAnotherTry(descriptor, error, PollOut));
        return count;
    }

    private static bool IsWorthAnotherTry(int descriptor, int error, short wanted)
    {
        if (error == s_again)
        {
            // Another process has made the pipe or the terminal non-blocking.
            var poll = new PollDescriptor { Descriptor = descriptor, Events = wanted };
            _ = Poll(ref poll, 1, Timeout.Infinite);
            return true;
        }

        return error == Interrupted;
    }

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, Span<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> bytes, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
