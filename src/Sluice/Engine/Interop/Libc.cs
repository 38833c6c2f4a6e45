using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>
/// The system calls of the engines, by their <c>libc</c> functions (glibc and musl). <see cref="Errno.Last"/> returns the error of a call that
/// failed.
/// </summary>
// SAFETY: the declarations are those of the man pages. Each caller says why its pointers are valid for the call.
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "socket")]
    public static partial int Socket(int domain, int type, int protocol);

    [LibraryImport(Library, EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number);

    /// <summary>The kernel's number of the calling thread, gettid(2); 0 on an architecture whose call number is not known here.</summary>
    /// <remarks>Through syscall(2): glibc has gettid from 2.30 on only.</remarks>
    public static int GetThreadId() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => (int)SystemCall(186),
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => (int)SystemCall(178),
        _ => 0,
    };

    [LibraryImport(Library, EntryPoint = "bind")]
    public static partial int Bind(int fd, byte* address, uint addressLength);

    [LibraryImport(Library, EntryPoint = "listen")]
    public static partial int Listen(int fd, int backlog);

    [LibraryImport(Library, EntryPoint = "accept4")]
    public static partial int Accept4(int fd, byte* address, uint* addressLength, int flags);

    [LibraryImport(Library, EntryPoint = "connect")]
    public static partial int Connect(int fd, byte* address, uint addressLength);

    [LibraryImport(Library, EntryPoint = "getsockname")]
    public static partial int GetSockName(int fd, byte* address, uint* addressLength);

    [LibraryImport(Library, EntryPoint = "getpeername")]
    public static partial int GetPeerName(int fd, byte* address, uint* addressLength);

    [LibraryImport(Library, EntryPoint = "sendmsg")]
    public static partial nint SendMsg(int fd, MessageHeader* message, int flags);

    [LibraryImport(Library, EntryPoint = "shutdown")]
    public static partial int Shutdown(int fd, int how);

    [LibraryImport(Library, EntryPoint = "close")]
    public static partial int Close(int fd);

    [LibraryImport(Library, EntryPoint = "getsockopt")]
    public static partial int GetSockOpt(int fd, int level, int name, void* value, uint* length);

    [LibraryImport(Library, EntryPoint = "setsockopt")]
    public static partial int SetSockOpt(int fd, int level, int name, void* value, uint length);

    [LibraryImport(Library, EntryPoint = "ioctl")]
    public static partial int IoCtl(int fd, nuint request, int* value);

    [LibraryImport(Library, EntryPoint = "getrlimit")]
    public static partial int GetResourceLimit(int resource, nuint* limits);

    [LibraryImport(Library, EntryPoint = "epoll_create1")]
    public static partial int EpollCreate1(int flags);

    [LibraryImport(Library, EntryPoint = "epoll_ctl")]
    public static partial int EpollCtl(int epoll, int operation, int fd, byte* @event);

    [LibraryImport(Library, EntryPoint = "epoll_wait")]
    public static partial int EpollWait(int epoll, byte* events, int maxEvents, int timeoutMilliseconds);

    [LibraryImport(Library, EntryPoint = "eventfd")]
    public static partial int EventFd(uint initialValue, int flags);

    [LibraryImport(Library, EntryPoint = "write")]
    public static partial nint Write(int fd, void* buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "pipe2")]
    public static partial int Pipe2(int* fds, int flags);

    [LibraryImport(Library, EntryPoint = "splice")]
    public static partial nint Splice(int from, long* fromOffset, int to, long* toOffset, nuint length, uint flags);

    [LibraryImport(Library, EntryPoint = "sendfile")]
    public static partial nint SendFile(int to, int from, long* offset, nuint count);

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public void* Base;
        public nuint Length;
    }

    /// <summary>
    /// <c>struct msghdr</c>. musl declares the two lengths with 32 bits and padding, glibc as <c>size_t</c>. On little-endian 64-bit systems these
    /// are the same bytes.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
