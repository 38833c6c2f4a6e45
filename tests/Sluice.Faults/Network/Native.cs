using System.Runtime.InteropServices;

namespace Sluice.Faults.Network;

/// <summary>The system calls that a network of one's own takes.</summary>
// SAFETY: the declarations are those of the man pages. Each caller says why its pointers are valid for the call.
internal static unsafe partial class Native
{
    public const int OpenReadWrite = 2;

    // O_NONBLOCK and O_CLOEXEC, asm-generic/fcntl.h.
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;

    // TUNSETIFF, IFF_TUN, IFF_NO_PI: linux/if_tun.h.
    public const nuint TunSetInterface = 0x400454ca;
    public const short Tun = 1;
    public const short NoPacketInformation = 0x1000;

    // CLONE_NEWNET, linux/sched.h.
    public const int NetworkNamespace = 0x40000000;

    public const short PollIn = 1;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int IoCtl(int fd, nuint request, byte* argument);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int EnterNamespace(int fd, int kind);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, int timeoutMilliseconds);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
