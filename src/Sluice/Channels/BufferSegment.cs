using System.Buffers;

namespace Sluice.Channels;

/// <summary>A rented piece of memory in a <see cref="SegmentQueue"/>. The object is kept for the next rent; the memory goes back.</summary>
internal sealed class BufferSegment : ReadOnlySequenceSegment<byte>
{
    private byte[]? _array;
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
    public void Rent(MemoryPool<byte>? pool, int minimum, int size, long runningIndex)
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

        RunningIndex = runningIndex;
        Next = null;
        Commit(0);
    }

    public void Commit(int count)
    {
        End += count;
        Memory = _available[..End];
    }

    public void Return()
    {
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
    }
}
