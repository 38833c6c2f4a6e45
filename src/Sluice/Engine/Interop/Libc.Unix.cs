using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

internal static unsafe partial class Libc
{
    [LibraryImport(Library, EntryPoint = "socketpair")]
    public static partial int SocketPair(int domain, int type, int protocol, int* fds);

    [LibraryImport(Library, EntryPoint = "recvmsg")]
    public static partial nint ReceiveMessage(int fd, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "dup3")]
    public static partial int Duplicate(int fd, int target, int flags);

    /// <summary>Variadic in C. The Linux ABIs pass an integer argument of a variadic function as any other.</summary>
    [LibraryImport(Library, EntryPoint = "fcntl")]
    public static partial int FileControl(int fd, int command, int argument);

    [LibraryImport(Library, EntryPoint = "fchmod")]
    public static partial int ChangeMode(int fd, uint mode);

    /// <summary>With two arguments: the variadic third one, which macOS on arm64 passes in another way, is for O_CREAT alone. Also on macOS.</summary>
    [LibraryImport(Library, EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenFile(string path, int flags);

    /// <summary>Also on macOS.</summary>
    [LibraryImport(Library, EntryPoint = "flock")]
    public static partial int LockFile(int fd, int operation);

    /// <summary>Also on macOS.</summary>
    [LibraryImport(Library, EntryPoint = "poll")]
    public static partial int PollEvents(PollEntry* entries, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "geteuid")]
    public static partial uint GetEffectiveUserId();

    /// <summary>statx(2), which musl has a function for only since 1.2.5.</summary>
    [LibraryImport(Library, EntryPoint = "syscall", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint SystemCallStatX(nint number, nint directory, string path, nint flags, nint mask, byte* result);

    /// <summary>macOS on arm64.</summary>
    [LibraryImport(Library, EntryPoint = "lstat", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LStatDarwin(string path, byte* result);

    /// <summary>macOS on x64, where the plain name stands for the layout with 32-bit inodes (stat(2) of macOS).</summary>
    [LibraryImport(Library, EntryPoint = "lstat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LStatDarwin64(string path, byte* result);

    /// <inheritdoc cref="LStatDarwin"/>
    [LibraryImport(Library, EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StatDarwin(string path, byte* result);

    /// <inheritdoc cref="LStatDarwin64"/>
    [LibraryImport(Library, EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int StatDarwin64(string path, byte* result);

    /// <summary>Also on macOS.</summary>
    [LibraryImport(Library, EntryPoint = "read")]
    public static partial nint Read(int fd, void* buffer, nuint length);

    /// <summary>preadv2(2), which musl has a function for only since 1.2.5.</summary>
    [LibraryImport(Library, EntryPoint = "syscall")]
    public static partial nint SystemCallPReadV2(nint number, nint fd, IoVector* vectors, nint count, nint offset, nint offsetHigh, nint flags);

    [LibraryImport(Library, EntryPoint = "mmap")]
    public static partial void* Map(void* address, nuint length, int protection, int flags, int fd, nint offset);

    [LibraryImport(Library, EntryPoint = "munmap")]
    public static partial int Unmap(void* address, nuint length);

    /// <summary>The lowest bit of each byte says whether the page is in memory.</summary>
    [LibraryImport(Library, EntryPoint = "mincore")]
    public static partial int InCore(void* address, nuint length, byte* residency);

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
