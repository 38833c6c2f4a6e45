using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Engine.Files;

namespace Sluice.Engine.Interop;

/// <summary>The identity of the file that has a name at the moment. .NET exposes neither that nor whether the file is a socket.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Number, bool IsSocket)
{
    /// <summary>Gets the identity of a file; of a link, its own. Null if there is no such file, or the system does not tell.</summary>
    public static FileIdentity? Find(string path) =>
        OperatingSystem.IsLinux() || OperatingSystem.IsAndroid() ? OnLinux(path)
        : OperatingSystem.IsMacOS() ? OnMac(path)
        : OperatingSystem.IsWindows() ? OnWindows(path)
        : null;

    // struct statx has the same layout on each architecture, which struct stat has not (linux/stat.h).
    private static unsafe FileIdentity? OnLinux(string path)
    {
        const int modeOffset = 0x1c;
        const int inodeOffset = 0x20;
        const int deviceOffset = 0x88;

        // SAFETY: a struct statx has 256 bytes, and each of the three fields lies in them.
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

        // SAFETY: a struct stat of macOS has 144 bytes, and each of the three fields lies in them.
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

    // On Windows a socket is a reparse point without a target. Its creation time tells it from a later one of the same name.
    private static FileIdentity? OnWindows(string path)
    {
        var file = new FileInfo(path);
        return file.Exists
            ? new FileIdentity(0, (ulong)file.CreationTimeUtc.Ticks, file.Attributes.HasFlag(FileAttributes.ReparsePoint) && file.LinkTarget is null)
            : null;
    }
}
