using System.Buffers;
using System.Collections.Concurrent;

namespace Sluice.Stress.Kit;

/// <summary>
/// Poisons what is returned, and finds what is returned twice, used after its return, written to after its return, or never returned.
/// </summary>
internal sealed class TrackingPool(Faults faults) : MemoryPool<byte>
{
    // So many returned blocks rest before they are used again: a late write finds them poisoned.
    private const int Resting = 64;

    private readonly ConcurrentQueue<TrackedBlock> _returned = new();
    private int _outstanding;

    public override int MaxBufferSize => Array.MaxLength;

    /// <summary>How many blocks are rented.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    public Faults Faults => faults;

    /// <summary>Whether each block remembers where it was returned, which takes most of the time there is.</summary>
    public bool TracesReturns { get; init; }

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        Interlocked.Increment(ref _outstanding);
        int size = minBufferSize <= 0 ? 4096 : minBufferSize;
        return new TrackedBlock(this, GC.AllocateUninitializedArray<byte>(size, pinned: false));
    }

    public void Return(TrackedBlock block)
    {
        Interlocked.Decrement(ref _outstanding);
        _returned.Enqueue(block);
        while (_returned.Count > Resting && _returned.TryDequeue(out TrackedBlock? rested))
        {
            rested.CheckPoison();
        }
    }

    /// <summary>Looks for writes to returned memory; to be called when all is over.</summary>
    public void CheckPoison()
    {
        while (_returned.TryDequeue(out TrackedBlock? rested))
        {
            rested.CheckPoison();
        }
    }

    protected override void Dispose(bool disposing)
    {
    }
}
