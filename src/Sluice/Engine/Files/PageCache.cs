using System.Runtime.InteropServices;
using Sluice.Engine.Interop;

namespace Sluice.Engine.Files;

/// <summary>
/// Tells whether part of a file is in the page cache. If it is not, sendfile(2) waits for the disk, even on a non-blocking socket. Linux.
/// </summary>
internal static unsafe class PageCache
{
    // Half of the kernel's default read-ahead (/sys/block/*/queue/read_ahead_kb).
    private const int SampleDistance = 64 * 1024;

    /// <summary>Whether a part of a file is in memory, as far as the system tells.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where the part begins.</param>
    /// <param name="count">How many bytes it has, one at least.</param>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public static bool Has(SafeHandle file, long offset, long count)
    {
        using DescriptorLease lease = file.Lease();
        long last = offset + count - 1;
        for (long at = offset; ; at = Math.Min(at + SampleDistance, last))
        {
            switch (Sample(lease.Descriptor, at))
            {
                case 0 when at == last:
                    return true;
                case 0:
                    continue;
                case Errno.Again:
                    return false;
                default:
                    return HasMapped(lease.Descriptor, offset, count);
            }
        }
    }

    // Returns 0 if the byte can be read without a wait, or is beyond the end; EAGAIN if not; another error if the file system does not tell
    // (overlayfs, tmpfs, NFS).
    private static int Sample(int fd, long offset)
    {
        byte scratch;
        var vector = new Libc.IoVector { Base = &scratch, Length = 1 };

        // SAFETY: the vector and its one byte are on this method's own stack.
        return Libc.SystemCallPReadV2(PReadV2Number, fd, &vector, 1, (nint)offset, 0, LinuxConstants.ReadNoWait) >= 0 ? 0 : Errno.Last();
    }

    // mincore(2) reports to the file's owner, to a user with write permission and to root. To others it says that each page is in memory
    // (mm/mincore.c, can_do_mincore, since Linux 5.2).
    private static bool HasMapped(int fd, long offset, long count)
    {
        int pageSize = Environment.SystemPageSize;
        long start = offset & -pageSize;
        nuint length = (nuint)(offset + count - start);
        int pages = (int)((length + (nuint)pageSize - 1) / (nuint)pageSize);
        byte* residency = stackalloc byte[pages];
        void* mapped = Libc.Map(null, length, LinuxConstants.ProtRead, LinuxConstants.MapShared, fd, (nint)start);
        if ((nint)mapped == -1)
        {
            return false;
        }

        // SAFETY: nothing reads the mapped memory, which would fault if the file became shorter. The residency has a byte for each page.
        bool known = Libc.InCore(mapped, length, residency) == 0;
        _ = Libc.Unmap(mapped, length);
        return known && new ReadOnlySpan<byte>(residency, pages).IndexOfAnyExcept((byte)1) < 0;
    }

    // asm/unistd_64.h, asm-generic/unistd.h.
    private static nint PReadV2Number => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 327 : 286;
}
