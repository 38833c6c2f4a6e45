using System.Buffers;
using System.Collections.Concurrent;

namespace Sluice.TestKit;

/// <summary>
/// A pool that knows what is rented, and that fills what comes back with poison and never rents it again: a late read sees the
/// poison, and <see cref="Check"/> finds a late write.
/// </summary>
internal sealed class TrackingPool : MemoryPool<byte>
{
    public const byte Poison = 0xDD;

    private readonly ConcurrentBag<Block> _returned = [];
    private int _outstanding;
    private int _rents;
    private int _returnedTwice;
    private int _failing = int.MaxValue;

    public override int MaxBufferSize => 4096;

    public int Outstanding => Volatile.Read(ref _outstanding);

    public int Rents => Volatile.Read(ref _rents);

    /// <summary>Called in each rent, before there is a block; it may block, or throw.</summary>
    public Action? OnRent { get; set; }

    /// <summary>Called when a block comes back; it may block, or throw.</summary>
    public Action? OnReturn { get; set; }

    /// <summary>From now on, only so many more blocks are to be had.</summary>
    public void FailAfter(int count) => Volatile.Write(ref _failing, Rents + count);

    public void Recover() => Volatile.Write(ref _failing, int.MaxValue);

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, MaxBufferSize);
        OnRent?.Invoke();
        if (Rents >= Volatile.Read(ref _failing))
        {
            throw new OutOfBlocksException();
        }

        Interlocked.Increment(ref _rents);
        Interlocked.Increment(ref _outstanding);
        return new Block(this);
    }

    /// <summary>Nothing came back twice, and nothing that had come back was written to.</summary>
    public void Check()
    {
        Assert.That(Volatile.Read(ref _returnedTwice), Is.Zero, "blocks were returned twice");
        Assert.That(_returned.Count(block => block.IsTouched), Is.Zero, "blocks were written to after they had been returned");
    }

    /// <summary>All of it comes back, and <see cref="Check"/>.</summary>
    public async Task CheckAllReturnedAsync()
    {
        await Waiting.UntilAsync(() => Outstanding == 0);
        Check();
    }

    protected override void Dispose(bool disposing)
    {
    }

    internal sealed class OutOfBlocksException : Exception
    {
        public OutOfBlocksException()
            : base("The pool has no more blocks.")
        {
        }
    }

    private sealed class Block(TrackingPool pool) : IMemoryOwner<byte>
    {
        private readonly byte[] _bytes = new byte[4096];
        private int _isReturned;

        public Memory<byte> Memory => _bytes;

        public bool IsTouched => _bytes.AsSpan().ContainsAnyExcept(Poison);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isReturned, 1) != 0)
            {
                Interlocked.Increment(ref pool._returnedTwice);
                return;
            }

            _bytes.AsSpan().Fill(Poison);
            pool._returned.Add(this);
            Interlocked.Decrement(ref pool._outstanding);
            pool.OnReturn?.Invoke();
        }
    }
}
