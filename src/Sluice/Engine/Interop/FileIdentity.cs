using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Files;

namespace Sluice.Engine.Interop;

/// <summary>Which file a name stands for at the moment: .NET tells neither that nor whether it is a socket.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Number, bool IsSocket)
{
    /// <summary>The file of that name, a link not followed; null if there is none, or the system does not tell.</summary>
    public static FileIdentity? Find(string path) =>
        OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? OnLinux(path)
        : OperatingSystem.IsMacOS() ? OnMac(path)
        : OperatingSystem.IsWindows() ? OnWindows(path)
        : null;

    // struct statx: the same everywhere, other than struct stat (linux/stat.h).
    private static unsafe FileIdentity? OnLinux(string path)
    {
        const int modeOffset = 0x1c;
        const int inodeOffset = 0x20;
        const int deviceOffset = 0x88;
        byte* result = stackalloc byte[256];
        if (Libc.SystemCallStatX(
            FileKinds.StatXNumber, LinuxConstants.AtFdCwd, path, LinuxConstants.AtSymlinkNoFollow, LinuxConstants.StatxTypeAndInode, result) != 0)
        {
            return null;
        }

        ushort mode = Unsafe.ReadUnaligned<ushort>(result + modeOffset);
        return new FileIdentity(
            Unsafe.ReadUnaligned<ulong>(result + deviceOffset), Unsafe.ReadUnaligned<ulong>(result + inodeOffset), FileKinds.Of(mode) == FileKind.Socket);
    }

    // struct stat with 64-bit inodes (sys/stat.h of macOS).
    private static unsafe FileIdentity? OnMac(string path)
    {
        const int modeOffset = 4;
        const int inodeOffset = 8;
        byte* result = stackalloc byte[256];
        bool isX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;
        if ((isX64 ? Libc.LStatDarwin64(path, result) : Libc.LStatDarwin(path, result)) != 0)
        {
            return null;
        }

        ushort mode = Unsafe.ReadUnaligned<ushort>(result + modeOffset);
        return new FileIdentity(
            Unsafe.ReadUnaligned<uint>(result), Unsafe.ReadUnaligned<ulong>(result + inodeOffset), FileKinds.Of(mode) == FileKind.Socket);
    }

    // There a socket is a reparse point that leads nowhere; when it was made tells it from the next one.
    private static FileIdentity? OnWindows(string path)
    {
        var file = new FileInfo(path);
        return file.Exists
            ? new FileIdentity(0, (ulong)file.CreationTimeUtc.Ticks, file.Attributes.HasFlag(FileAttributes.ReparsePoint) && file.LinkTarget is null)
            : null;
    }
}
