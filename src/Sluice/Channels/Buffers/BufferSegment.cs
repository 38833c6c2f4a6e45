using System.Buffers;
using System.Runtime.InteropServices;
using Sluice.Diagnostics;

namespace Sluice.Channels.Buffers;

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
    private MemoryPool<byte>? _pool;
    private IMemoryOwner<byte>? _owner;
    private Memory<byte> _available;

    /// <summary>How much of the memory is committed.</summary>
    public int End { get; private set; }

    public int Capacity => _available.Length;

    public Memory<byte> Free => _available[End..];

    /// <summary>Whether the memory is of a user's pool: <see cref="Return"/> then calls code of the user's.</summary>
    public bool IsOfUser => _owner is not null;

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

    /// <summary>Rents segments for so many bytes, the first of so large a size and each further one of twice that: all of them, or none.</summary>
    /// <returns>The first; the others follow it.</returns>
    public static BufferSegment RentChain(MemoryPool<byte>? pool, long length, int size)
    {
        BufferSegment first = Rent(pool, 1, size, 0);
        BufferSegment last = first;
        try
        {
            for (long left = length - first.Capacity; left > 0; left -= last.Capacity)
            {
                size = Math.Min(size * 2, SegmentQueue.LargestSegment);
                last.NextSegment = Rent(pool, 1, size, 0);
                last = last.NextSegment;
            }

            return first;
        }
        catch
        {
            ReturnAll(first);
            throw;
        }
    }

    /// <summary>Gives back a segment and all that follow it.</summary>
    public static void ReturnAll(BufferSegment? first)
    {
        while (first is { } segment)
        {
            first = segment.NextSegment;
            segment.Return();
        }
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

    /// <summary>Gives the memory back, and keeps the object for another rent.</summary>
    public void Return()
    {
        ReturnMemory();
        End = 0;
        Memory = default;
        Next = null;
        Keep(this);
    }

    /// <summary>
    /// Gives the memory back, and shows a copy of its own in its place: a sequence that somebody still holds then shows what it did before.
    /// </summary>
    public void ReturnForCopy()
    {
        Publish();
        Memory = Copy(Memory);
        ReturnMemory();
    }

    // At the same index, where it is small: a thread that reads the old half of the value and the new half of it then still reads sound memory.
    private static ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> memory)
    {
        int start = MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> array) && array.Offset <= SegmentQueue.LargestSegment ? array.Offset : 0;
        Memory<byte> copy = new byte[start + memory.Length].AsMemory(start);
        memory.CopyTo(copy);
        return copy;
    }

    private void ReturnMemory()
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

        _available = default;
        if (_owner is { } owner)
        {
            (MemoryPool<byte>? pool, _owner, _pool) = (_pool, null, null);
            GuardedPool.Return(pool, owner);
        }
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
            return;
        }

        IMemoryOwner<byte> owner = pool.Rent(Math.Min(size, pool.MaxBufferSize));
        try
        {
            _available = owner.Memory;
            if (_available.Length < minimum)
            {
                throw new InvalidOperationException($"The buffer pool has given {_available.Length} bytes where at least {minimum} were asked for.");
            }
        }
        catch
        {
            _available = default;
            GuardedPool.Return(pool, owner);
            throw;
        }

        (_owner, _pool) = (owner, pool);
    }
}
