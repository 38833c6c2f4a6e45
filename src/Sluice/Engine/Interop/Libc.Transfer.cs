using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

// recv(2) and send(2), the calls of every message. They go through syscall(2): glibc's functions of these names are cancellation points
// (pthreads(7)), and in a process with several threads each makes two atomic operations beside the system call.
internal static unsafe partial class Libc
{
    // Constants for the JIT compiler. 0: the architecture or the system has no number here, and the function is called.
    private static readonly nint s_sendTo = NumberOf(x64: 44, generic: 206);
    private static readonly nint s_recvFrom = NumberOf(x64: 45, generic: 207);

    public static nint Recv(int fd, byte* buffer, nuint length, int flags) =>
        s_recvFrom != 0 ? SystemCallTransfer(s_recvFrom, fd, buffer, length, flags, null, null) : RecvFunction(fd, buffer, length, flags);

    public static nint Send(int fd, byte* buffer, nuint length, int flags) =>
        s_sendTo != 0 ? SystemCallTransfer(s_sendTo, fd, buffer, length, flags, null, null) : SendFunction(fd, buffer, length, flags);

    // The numbers of asm/unistd_64.h, and of asm-generic/unistd.h, which newer architectures share.
    private static nint NumberOf(nint x64, nint generic) => OperatingSystem.IsLinux()
        ? RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => x64,
            Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => generic,
            _ => 0,
        }
        : 0;

    [LibraryImport(Library, EntryPoint = "syscall")]
    private static partial nint SystemCallTransfer(nint number, nint fd, byte* buffer, nuint length, nint flags, byte* address, uint* addressLength);

    [LibraryImport(Library, EntryPoint = "recv")]
    private static partial nint RecvFunction(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport(Library, EntryPoint = "send")]
    private static partial nint SendFunction(int fd, byte* buffer, nuint length, int flags);
}
