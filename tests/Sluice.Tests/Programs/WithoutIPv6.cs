using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sluice.Tests.Programs;

/// <summary>Makes this process see a kernel without IPv6: <c>socket(AF_INET6, …)</c> is EAFNOSUPPORT from now on, by a filter of system calls (seccomp(2)).</summary>
internal static unsafe partial class WithoutIPv6
{
    private const int SetNoNewPrivileges = 38;
    private const nint SetModeFilter = 1;
    private const nint OnEveryThread = 1;

    public static bool TryBegin()
    {
        (nint seccomp, uint socket) = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => ((nint)317, 41u),
            Architecture.Arm64 => (277, 198u),
            _ => default,
        };
        if (seccomp == 0 || ProcessControl(SetNoNewPrivileges, 1, 0, 0, 0) != 0)
        {
            return false;
        }

        // struct seccomp_data: the number of the call first, its arguments from 16 on; little-endian.
        ReadOnlySpan<Instruction> filter =
        [
            new(0x20, 0, 0, 0),
            new(0x15, 0, 3, socket),
            new(0x20, 0, 0, 16),
            new(0x15, 0, 1, 10),
            new(0x06, 0, 0, 0x0005_0000 | 97),
            new(0x06, 0, 0, 0x7fff_0000),
        ];
        fixed (Instruction* first = filter)
        {
            var program = new FilterProgram { Length = (ushort)filter.Length, First = first };
            return SystemCall(seccomp, SetModeFilter, OnEveryThread, (nint)Unsafe.AsPointer(ref program)) == 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint a, nint b, nint c);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, byte whenTrue, byte whenFalse, uint value)
    {
        public readonly ushort Code = code;
        public readonly byte WhenTrue = whenTrue;
        public readonly byte WhenFalse = whenFalse;
        public readonly uint Value = value;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public Instruction* First;
    }
}
