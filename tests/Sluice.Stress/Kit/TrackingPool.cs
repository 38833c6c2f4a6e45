using System.Buffers;
using System.Collections.Concurrent;

namespace Sluice.Stress.Kit;

/// <summary>
/// Poisons what is returned, and finds what is returned twice, used after its return, written to after its return, or never returned.
/// </summary>
internal sealed class TrackingPool(Faults faults) : MemoryPool<byte>
{
    // How many returned blocks rest before they are used again: a late write finds them poisoned.
    private const int Resting = 64;

    private readonly ConcurrentQueue<TrackedBlock> _returned = new();
    private readonly ConcurrentDictionary<TrackedBlock, string> _rented = new();
    private int _outstanding;

    public override int MaxBufferSize => Array.MaxLength;

    /// <summary>How many blocks are rented.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    public Faults Faults => faults;

    /// <summary>Whether each block remembers where it was rented and returned, which takes most of the time there is.</summary>
    public bool Traces { get; init; }

    /// <summary>The rented blocks, and where each was rented, if it is traced.</summary>
    public string DescribeOutstanding() =>
        $"{Outstanding} blocks of memory were not returned.{string.Concat(_rented.Values.Distinct().Select(trace => Environment.NewLine + trace))}";

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        Interlocked.Increment(ref _outstanding);
        int size = minBufferSize <= 0 ? 4096 : minBufferSize;
        var block = new TrackedBlock(this, GC.AllocateUninitializedArray<byte>(size));
        if (Traces)
        {
            _rented[block] = Environment.StackTrace;
        }

        return block;
    }

    public void Return(TrackedBlock block)
    {
        Interlocked.Decrement(ref _outstanding);
        _rented.TryRemove(block, out _);
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
