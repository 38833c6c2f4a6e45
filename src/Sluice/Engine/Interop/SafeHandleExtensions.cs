using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>Leases descriptors of handles.</summary>
internal static class SafeHandleExtensions
{
    /// <summary>Takes a reference to the descriptor until the lease is disposed of.</summary>
    /// <exception cref="ObjectDisposedException">The handle is closed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DescriptorLease Lease(this SafeHandle handle) => new(handle);
}
