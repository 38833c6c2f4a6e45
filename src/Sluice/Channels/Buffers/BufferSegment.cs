using System.Buffers;
using System.Runtime.InteropServices;
using Sluice.Channels.Messages;
using Sluice.Diagnostics;

namespace Sluice.Channels.Buffers;

/// <summary>
/// Represents a rented block of memory in a <see cref="SegmentQueue"/>. Each thread keeps some of the returned objects, without their memory, for
/// its next rents, and passes what it has too many of on to threads that have none: those that post rent, and the loop that sends returns.
/// </summary>
/// <remarks>Not thread-safe: the queue that holds a segment owns it, under the lock or the role of that queue; before that, its renter.</remarks>
internal sealed class BufferSegment : ReadOnlySequenceSegment<byte>
{
    private const int MaxKept = 64;
    private const int ChainLength = MaxKept / 2;

    private static readonly Lock s_lock = new();

    // Guarded by s_lock, with s_chainCount: objects that threads have passed on, in chains of ChainLength, linked by NextSegment.
    private static readonly BufferSegment?[] s_chains = new BufferSegment?[32];
    private static int s_chainCount;

    // The returned objects of this thread, linked by NextSegment.
    [ThreadStatic]
    private static BufferSegment? s_kept;

    [ThreadStatic]
    private static int s_keptCount;

    // Set if the memory is of the shared array pool.
    private byte[]? _array;

    // Whether the rented memory is in the count of BufferCounter.
    private bool _isCounted;

    // Set if the memory is of a user's pool.
    private MemoryPool<byte>? _pool;
    private IMemoryOwner<byte>? _owner;
    private Memory<byte> _available;

    // The same bytes, reachable without a call of the user's code: its pool may have memory of its own kind.
    private Memory<byte> _reachable;
    private IMemoryOwner<byte>? _pinned;

    // Set if the memory is that of a message.
    private MessageBuffer? _message;

    /// <summary>Gets the number of bytes that are committed.</summary>
    public int End { get; private set; }

    public int Capacity => _available.Length;

    public Memory<byte> Free => _available[End..];

    /// <summary>Gets a value indicating whether the memory is of a user's pool: <see cref="Return"/> then runs user code.</summary>
    public bool IsOfUser => _owner is not null;

    public BufferSegment? NextSegment
    {
        get => (BufferSegment?)Next;
        set => Next = value;
    }

    /// <summary>
    /// Rents at least <paramref name="minimum"/> bytes, and <paramref name="size"/> bytes if the pool has blocks of that size. If its blocks are
    /// smaller than the minimum, the shared array pool is used.
    /// </summary>
    public static BufferSegment Rent(MemoryPool<byte>? pool, int minimum, int size, long runningIndex)
    {
        BufferSegment segment = Take();
        segment.RentMemory(pool, minimum, size);
        segment._isCounted = BufferCounter.Rent();
        segment.RunningIndex = runningIndex;
        return segment;
    }

    /// <summary>Wraps memory of a caller, all of it committed, which stays the caller's and is never written to.</summary>
    public static BufferSegment Wrap(ReadOnlyMemory<byte> memory)
    {
        BufferSegment segment = Take();
        segment._available = MemoryMarshal.AsMemory(memory);
        segment._reachable = segment._available;
        segment.End = memory.Length;
        segment.RunningIndex = 0;
        return segment;
    }

    /// <summary>Wraps a message, all of it committed, and takes over one reference to it, which it releases when it is returned.</summary>
    public static BufferSegment Wrap(MessageBuffer message)
    {
        BufferSegment segment = Wrap(message.Memory);
        segment._message = message;
        return segment;
    }

    /// <summary>Rents linked segments for <paramref name="length"/> bytes: all of them, or none.</summary>
    /// <param name="pool">The pool; null for the shared array pool.</param>
    /// <param name="length">The number of bytes that they hold together.</param>
    /// <param name="size">The size of the first. Each further segment has twice the size of the one before it.</param>
    /// <returns>The first segment.</returns>
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

    /// <summary>Returns a segment and all that follow it.</summary>
    public static void ReturnAll(BufferSegment? first)
    {
        while (first is { } segment)
        {
            first = segment.NextSegment;
            segment.Return();
        }
    }

    /// <summary>Gets the committed bytes.</summary>
    public ReadOnlySpan<byte> Bytes => (_array is { } array ? array : _reachable.Span)[..End];

    /// <summary>Gets the memory behind them.</summary>
    public Span<byte> FreeSpan => (_array is { } array ? array : _reachable.Span)[End..];

    public void Commit(int count) => End += count;

    /// <summary>Makes the committed bytes visible to a sequence. A commit does not do that, because many commits come before one sequence.</summary>
    public void Publish()
    {
        if (Memory.Length != End)
        {
            Memory = _available[..End];
        }
    }

    /// <summary>Sets the position in the sequence.</summary>
    public void Place(long runningIndex) => RunningIndex = runningIndex;

    /// <summary>Drops the committed bytes and keeps the memory.</summary>
    public void Clear() => End = 0;

    /// <summary>Returns the memory, and keeps the object for another rent.</summary>
    public void Return()
    {
        ReturnMemory();
        End = 0;
        Memory = default;
        Next = null;
        Keep(this);
    }

    /// <summary>
    /// Returns the memory and replaces it by a copy of the bytes, for a sequence that is still in use.
    /// </summary>
    public void ReturnForCopy()
    {
        Publish();
        Memory = Copy(Memory);
        ReturnMemory();
    }

    // The bytes keep their offset in the array if it is small: another thread may read the old array with the new offset, or the reverse.
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
        _reachable = default;
        if (_message is { } message)
        {
            _message = null;
            message.Release();
        }

        if (_owner is { } owner)
        {
            (MemoryPool<byte>? pool, IMemoryOwner<byte>? pinned, _owner, _pool, _pinned) = (_pool, _pinned, null, null, null);
            if (pinned is not null)
            {
                GuardedPool.Return(pool, pinned);
            }

            GuardedPool.Return(pool, owner);
        }
    }

    private static BufferSegment Take()
    {
        if ((s_kept ?? TakeChain()) is not { } kept)
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
        if (s_keptCount == MaxKept)
        {
            PassChainOn();
        }

        segment.NextSegment = s_kept;
        s_kept = segment;
        s_keptCount++;
    }

    // Gets a chain that another thread has passed on; null if there is none.
    private static BufferSegment? TakeChain()
    {
        if (Volatile.Read(ref s_chainCount) == 0)
        {
            return null;
        }

        lock (s_lock)
        {
            if (s_chainCount > 0)
            {
                s_kept = s_chains[--s_chainCount];
                s_chains[s_chainCount] = null;
                s_keptCount = ChainLength;
            }
        }

        return s_kept;
    }

    // Passes the half of this thread's objects on, or drops them if enough are there.
    private static void PassChainOn()
    {
        BufferSegment chain = s_kept!;
        BufferSegment last = chain;
        for (int i = 1; i < ChainLength; i++)
        {
            last = last.NextSegment!;
        }

        s_kept = last.NextSegment;
        last.NextSegment = null;
        s_keptCount -= ChainLength;
        lock (s_lock)
        {
            if (s_chainCount < s_chains.Length)
            {
                s_chains[s_chainCount++] = chain;
            }
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

        IMemoryOwner<byte> owner = GuardedPool.RentAtLeast(pool, minimum, Math.Min(size, pool.MaxBufferSize), out _available);
        try
        {
            _reachable = ReachableMemory.Reach(_available, out _pinned);
        }
        catch
        {
            GuardedPool.Return(pool, owner);
            throw;
        }

        _owner = owner;
        _pool = pool;
    }
}
