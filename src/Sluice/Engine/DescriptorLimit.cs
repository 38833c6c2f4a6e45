using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Engine;

/// <summary>
/// How many descriptors the process may have open (getrlimit(2), <c>RLIMIT_NOFILE</c>; .NET raises the soft limit to the hard one when it starts), and
/// how many of them listeners leave to everything else. A process without any cannot load an assembly or start a thread, and .NET ends it.
/// </summary>
internal static unsafe class DescriptorLimit
{
    private const int LeastReserve = 64;
    private const int MostReserve = 1024;

    /// <summary>The limit when it was first asked for; null where there is none, or it is not known.</summary>
    public static int? Limit { get; } = Read();

    /// <summary>An eighth of the limit, 64 to 1,024; never more than half of it.</summary>
    public static int Reserve { get; } = Limit is { } limit ? Math.Min(Math.Clamp(limit / 8, LeastReserve, MostReserve), limit / 2) : 0;

    /// <summary>How many connections fit beside the reserve; <see cref="int.MaxValue"/> without a limit.</summary>
    public static int MaxConnections { get; } = Limit is { } limit ? Math.Max(limit - Reserve, 1) : int.MaxValue;

    /// <summary>
    /// Whether a descriptor that was opened just now is part of the reserve. A new one has the lowest number that is free (POSIX, 2.14): so the
    /// number tells how many the process has open at least, whoever opened them.
    /// </summary>
    public static bool IsReserved(nint descriptor) => Limit is { } limit && descriptor >= limit - Reserve;

    /// <summary>Whether the next descriptor would be none of the reserve's: tries it.</summary>
    public static bool HasRoom()
    {
        try
        {
            using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            return !IsReserved(probe.SafeHandle.DangerousGetHandle());
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int? Read()
    {
        // RLIMIT_NOFILE: 7 on Linux but for MIPS and SPARC, 8 on macOS and FreeBSD.
        int resource = OperatingSystem.IsLinux() ? 7 : OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD() ? 8 : -1;

        // Each of the two numbers has 64 bits even on some systems whose words have 32 (musl).
        ulong* buffer = stackalloc ulong[2];
        nuint* limits = (nuint*)buffer;
        return resource >= 0 && Libc.GetResourceLimit(resource, limits) == 0 && limits[0] <= int.MaxValue ? (int)limits[0] : null;
    }
}
