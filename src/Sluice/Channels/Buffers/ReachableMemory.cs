using System.Buffers;
using System.Runtime.InteropServices;

namespace Sluice.Channels.Buffers;

/// <summary>
/// Makes the memory of a user's pool reachable without a call of the user's code, which may block or throw: bytes are copied into it under a lock. Memory in an
/// array is reachable by the array. Other memory is pinned, and this object stands for it until its disposal.
/// </summary>
internal sealed unsafe class ReachableMemory : MemoryManager<byte>
{
    private readonly int _length;
    private MemoryHandle _pin;

    private ReachableMemory(ReadOnlyMemory<byte> memory)
    {
        _length = memory.Length;
        _pin = memory.Pin();
    }

    /// <summary>Gets the same bytes as memory that runs no code of the user's. Calls that code itself.</summary>
    /// <param name="memory">The memory.</param>
    /// <param name="pinned">What to dispose of before the memory is returned; null for nothing.</param>
    public static Memory<byte> Reach(Memory<byte> memory, out IMemoryOwner<byte>? pinned)
    {
        pinned = null;
        if (!MemoryMarshal.TryGetMemoryManager<byte, MemoryManager<byte>>(memory, out _))
        {
            return memory;
        }

        if (MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> array))
        {
            return array;
        }

        pinned = new ReachableMemory(memory);
        return pinned.Memory;
    }

    // SAFETY: the memory is pinned until Dispose, and has this length.
    public override Span<byte> GetSpan() => new(_pin.Pointer, _length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length, nameof(elementIndex));

        // SAFETY: as above.
        return new MemoryHandle((byte*)_pin.Pointer + elementIndex);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing) => _pin.Dispose();
}
