using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

internal static unsafe partial class Libc
{
    [LibraryImport(Library, EntryPoint = "sendto")]
    public static partial nint SendTo(int fd, byte* buffer, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport(Library, EntryPoint = "recvmmsg")]
    public static partial int RecvMMsg(int fd, MultiMessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport(Library, EntryPoint = "sendmmsg")]
    public static partial int SendMMsg(int fd, MultiMessageHeader* messages, uint count, int flags);

    /// <summary><c>struct mmsghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MultiMessageHeader
    {
        public MessageHeader Header;
        public uint Length;
    }

    /// <summary>
    /// <c>struct cmsghdr</c>. The data follow, and both are padded to a multiple of a word. musl's length has 32 bits and padding, which is the same
    /// bytes on little-endian systems.
    /// </summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
