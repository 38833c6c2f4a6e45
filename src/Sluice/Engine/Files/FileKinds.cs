using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Files;

/// <summary>Tells the kinds of files apart, which .NET does not.</summary>
internal static unsafe class FileKinds
{
    // The same on Linux and macOS (sys/stat.h).
    private const int TypeMask = 0xf000;

    // Offsets in a struct statx, and in a struct stat of macOS with 64-bit inodes.
    private const int ModeOffset = 0x1c;
    private const int DarwinModeOffset = 4;

    // The number of statx(2), asm/unistd.h of each architecture.
    public static nint StatXNumber => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 332,
        Architecture.X86 => 383,
        Architecture.Arm or Architecture.Armv6 => 397,
        Architecture.S390x => 379,
        Architecture.Ppc64le => 383,
        _ => 291,
    };

    /// <summary>Gets the kind of the file that a name leads to, links followed. Linux and macOS; elsewhere unknown.</summary>
    public static FileKind Of(string path)
    {
        // SAFETY: a struct statx has 256 bytes, and a struct stat of macOS 144.
        byte* result = stackalloc byte[256];
        return OperatingSystem.IsLinux() || OperatingSystem.IsAndroid()
            ? OnLinux(LinuxConstants.AtFdCwd, path, 0, result)
            : OperatingSystem.IsMacOS()
                ? OnMac(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Libc.StatDarwin64(path, result) : Libc.StatDarwin(path, result), result)
                : FileKind.Unknown;
    }

    /// <summary>Gets the kind of an open file. Linux; elsewhere unknown.</summary>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public static FileKind Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsAndroid())
        {
            return FileKind.Unknown;
        }

        // SAFETY: a struct statx has 256 bytes.
        byte* result = stackalloc byte[256];
        using DescriptorLease lease = file.Lease();
        return OnLinux(lease.Descriptor, string.Empty, LinuxConstants.AtEmptyPath, result);
    }

    /// <summary>Gets the kind from a file's mode.</summary>
    public static FileKind Of(ushort mode) => (mode & TypeMask) switch
    {
        0x1000 => FileKind.Fifo,
        0x2000 => FileKind.CharacterDevice,
        0x4000 => FileKind.Directory,
        0x6000 => FileKind.BlockDevice,
        0x8000 => FileKind.Regular,
        0xc000 => FileKind.Socket,
        _ => FileKind.Unknown,
    };

    private static FileKind OnLinux(int directory, string path, int flags, byte* result) =>
        Libc.SystemCallStatX(StatXNumber, directory, path, flags, LinuxConstants.StatxTypeAndInode, result) == 0
            ? Of(Unsafe.ReadUnaligned<ushort>(result + ModeOffset))
            : FileKind.Unknown;

    private static FileKind OnMac(int returned, byte* result) =>
        returned == 0 ? Of(Unsafe.ReadUnaligned<ushort>(result + DarwinModeOffset)) : FileKind.Unknown;
}
