using System.Buffers;
using System.Runtime.InteropServices;

namespace Sluice.Tests.Channels;

/// <summary>A pool of a caller's whose blocks are memory of their own kind, each use of which runs code of the caller's first.</summary>
/// <param name="inArray">Whether the memory tells that it is in an array.</param>
/// <param name="onUse">The caller's code.</param>
internal sealed class CallerPool(bool inArray, Action onUse) : MemoryPool<byte>
{
    public int Rented { get; private set; }

    public int Pinned { get; private set; }

    public override int MaxBufferSize => 1 << 20;

    private bool IsInArray => inArray;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        Rented++;
        return new Block(this, new byte[Math.Max(minBufferSize, 1)]);
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void Use() => onUse();

    private sealed class Block(CallerPool pool, byte[] bytes) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(bytes.Length);

        public override Span<byte> GetSpan()
        {
            pool.Use();
            return bytes;
        }

        public override unsafe MemoryHandle Pin(int elementIndex = 0)
        {
            pool.Use();
            pool.Pinned++;
            var handle = GCHandle.Alloc(bytes, GCHandleType.Pinned);
            return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + elementIndex, handle, this);
        }

        public override void Unpin() => pool.Pinned--;

        protected override bool TryGetArray(out ArraySegment<byte> segment)
        {
            pool.Use();
            segment = pool.IsInArray ? new ArraySegment<byte>(bytes) : default;
            return pool.IsInArray;
        }

        protected override void Dispose(bool disposing) => pool.Rented--;
    }
}
