using System.Buffers;
using Sluice.Diagnostics;

namespace Sluice.Channels;

/// <summary>
/// A rented piece of memory in a <see cref="SegmentQueue"/>. Each thread keeps some of the objects for its next rents: a queue that is
/// empty holds none. The memory goes back.
/// </summary>
internal sealed class BufferSegment : ReadOnlySequenceSegment<byte>
{
    private const int MaxKept = 64;

    [ThreadStatic]
    private static BufferSegment? s_kept;

    [ThreadStatic]
    private static int s_keptCount;

    private byte[]? _array;
    private bool _isCounted;
    private IMemoryOwner<byte>? _owner;
    private Memory<byte> _available;

    /// <summary>How much of the memory is committed.</summary>
    public int End { get; private set; }

    public int Capacity => _available.Length;

    public Memory<byte> Free => _available[End..];

    public BufferSegment? NextSegment
    {
        get => (BufferSegment?)Next;
        set => Next = value;
    }

    /// <summary>
    /// Rents at least <paramref name="minimum"/> bytes, and <paramref name="size"/> if the pool has blocks so large. One that has none so
    /// large as the minimum is passed over.
    /// </summary>
    public static BufferSegment Rent(MemoryPool<byte>? pool, int minimum, int size, long runningIndex)
    {
        BufferSegment segment = Take();
        segment.RentMemory(pool, minimum, size);
        segment._isCounted = BufferCounter.Rent();
        segment.RunningIndex = runningIndex;
        return segment;
    }

    /// <summary>What is committed.</summary>
    public ReadOnlySpan<byte> Bytes => (_array is { } array ? array : _available.Span)[..End];

    /// <summary>What can still be written to.</summary>
    public Span<byte> FreeSpan => (_array is { } array ? array : _available.Span)[End..];

    public void Commit(int count) => End += count;

    /// <summary>Lets a sequence see what is committed. Not done by every commit: there are many of them to a sequence.</summary>
    public void Publish() => Memory = _available[..End];

    /// <summary>Says where in its sequence it stands.</summary>
    public void Place(long runningIndex) => RunningIndex = runningIndex;

    /// <summary>Begins anew, with nothing committed.</summary>
    public void Clear() => End = 0;

    public void Return()
    {
        if (_isCounted)
        {
            _isCounted = false;
            BufferCounter.Return();
        }

        if (_array is { } array)
        {
            _array = null;
            ArrayPool<byte>.Shared.Return(array);
        }

        _owner?.Dispose();
        _owner = null;
        _available = default;
        End = 0;
        Memory = default;
        Next = null;
        Keep(this);
    }

    private static BufferSegment Take()
    {
        if (s_kept is not { } kept)
        {
            return new BufferSegment();
        }

        s_kept = kept.NextSegment;
        s_keptCount--;
        kept.NextSegment = null;
        return kept;
    }

    private static void Keep(BufferSegment segment)
    {
        if (s_keptCount < MaxKept)
        {
            segment.NextSegment = s_kept;
            s_kept = segment;
            s_keptCount++;
        }
    }

    private void RentMemory(MemoryPool<byte>? pool, int minimum, int size)
    {
        if (pool is null || minimum > pool.MaxBufferSize)
        {
            _array = ArrayPool<byte>.Shared.Rent(size);
            _available = _array;
        }
        else
        {
            _owner = pool.Rent(Math.Min(size, pool.MaxBufferSize));
            _available = _owner.Memory;
        }
    }
}
