using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sluice.Engine.Interop;

/// <summary>
/// Keeps a descriptor open for the system calls of one scope. A handle that is closed in between closes its descriptor at the end of the
/// scope, so no call reaches a descriptor whose number the kernel has given out again.
/// </summary>
internal readonly ref struct DescriptorLease : IDisposable
{
    private readonly SafeHandle _handle;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public DescriptorLease(SafeHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        _handle = handle;
        Descriptor = (int)handle.DangerousGetHandle();
    }

    public int Descriptor { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose() => _handle.DangerousRelease();
}
