using System.Net.Sockets;
using Sluice.Engine.Interop;

namespace Sluice.Engine;

/// <summary>
/// The limit of open descriptors of the process (getrlimit(2), <c>RLIMIT_NOFILE</c>; .NET raises the soft limit to the hard one when it starts), and
/// the reserve that listeners leave to everything else. A process without a free descriptor cannot load an assembly or start a thread, and .NET
/// ends it.
/// </summary>
internal static unsafe class DescriptorLimit
{
    private const int LeastReserve = 64;
    private const int MostReserve = 1024;

    /// <summary>Gets the limit as it was at the first access; null if there is none, or it is not known.</summary>
    public static int? Limit { get; } = Read();

    /// <summary>Gets the number of descriptors in the reserve: an eighth of the limit, 64 to 1,024, and never more than half of it.</summary>
    public static int Reserve { get; } = Limit is { } limit ? Math.Min(Math.Clamp(limit / 8, LeastReserve, MostReserve), limit / 2) : 0;

    /// <summary>Gets the most connections that leave the reserve free; <see cref="int.MaxValue"/> without a limit.</summary>
    public static int MaxConnections { get; } = Limit is { } limit ? Math.Max(limit - Reserve, 1) : int.MaxValue;

    /// <summary>
    /// Whether a descriptor that was just opened is part of the reserve. A new descriptor has the lowest free number (POSIX, 2.14), so at least as many
    /// are open as its number says, also those that other code has opened.
    /// </summary>
    public static bool IsReserved(nint descriptor) => Limit is { } limit && descriptor >= limit - Reserve;

    /// <inheritdoc cref="IsReserved(nint)"/>
    public static bool IsReserved(SocketHandle handle)
    {
        using DescriptorLease lease = handle.Lease();
        return IsReserved(lease.Descriptor);
    }

    /// <summary>Whether the next descriptor would not be part of the reserve. Opens one to find out.</summary>
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
        // RLIMIT_NOFILE: 7 on Linux except on MIPS and SPARC, 8 on macOS and FreeBSD (sys/resource.h).
        int resource = OperatingSystem.IsLinux() ? 7 : OperatingSystem.IsMacOS() || OperatingSystem.IsFreeBSD() ? 8 : -1;

        // SAFETY: room for two numbers of 64 bits, which a struct rlimit has even on some 32-bit systems (musl).
        ulong* buffer = stackalloc ulong[2];
        nuint* limits = (nuint*)buffer;
        return resource >= 0 && Libc.GetResourceLimit(resource, limits) == 0 && limits[0] <= int.MaxValue ? (int)limits[0] : null;
    }
}
