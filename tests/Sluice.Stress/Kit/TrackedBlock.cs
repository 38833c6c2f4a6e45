using System.Buffers;
using System.Runtime.InteropServices;

namespace Sluice.Stress.Kit;

/// <summary>A block of a <see cref="TrackingPool"/>. Its memory tells when it is used after its return.</summary>
internal sealed class TrackedBlock(TrackingPool pool, byte[] bytes) : MemoryManager<byte>
{
    private const byte Poison = 0xDB;

    private string? _returnedAt;
    private bool _returned;

    public override Span<byte> GetSpan()
    {
        CheckRented("looked at");
        return bytes;
    }

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        CheckRented("pinned");
        var handle = GCHandle.Alloc(bytes, GCHandleType.Pinned);
        return new MemoryHandle((byte*)handle.AddrOfPinnedObject() + elementIndex, handle, this);
    }

    public override void Unpin()
    {
    }

    public void CheckPoison()
    {
        int at = bytes.AsSpan().IndexOfAnyExcept(Poison);
        if (at >= 0)
        {
            pool.Faults.Add($"Byte {at} of {bytes.Length} of a block was written after its return, which was at {_returnedAt}");
        }
    }

    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        CheckRented("looked at");
        segment = bytes;
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _returned, true))
        {
            pool.Faults.Add($"A block was returned twice, first at {_returnedAt}\nand then at {Environment.StackTrace}");
            return;
        }

        if (pool.Traces)
        {
            _returnedAt = Environment.StackTrace;
        }

        bytes.AsSpan().Fill(Poison);
        pool.Return(this);
    }

    private void CheckRented(string how)
    {
        if (Volatile.Read(ref _returned))
        {
            pool.Faults.Add($"A block was {how} after its return at {_returnedAt}\nThat was at {Environment.StackTrace}");
        }
    }
}
