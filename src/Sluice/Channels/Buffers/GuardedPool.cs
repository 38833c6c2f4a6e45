using System.Buffers;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;

namespace Sluice.Channels.Buffers;

/// <summary>
/// Wraps the pool of a user. Logs an exception of a block's disposal, because the operation that returns the block is complete by then.
/// </summary>
internal sealed class GuardedPool(MemoryPool<byte> pool, ILogger logger) : MemoryPool<byte>
{
    public override int MaxBufferSize => pool.MaxBufferSize;

    /// <summary>Returns a block to its pool. Never throws.</summary>
    /// <param name="pool">The pool of the block.</param>
    /// <param name="block">The block.</param>
    public static void Return(MemoryPool<byte>? pool, IMemoryOwner<byte> block)
    {
        try
        {
            block.Dispose();
        }
        catch (Exception exception)
        {
            (pool as GuardedPool)?.Report(exception);
        }
    }

    /// <summary>Rents a block of a pool that may be the user's.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="minimum">How many bytes the block must have.</param>
    /// <param name="size">How many bytes to ask for.</param>
    /// <param name="memory">The memory of the block.</param>
    /// <exception cref="InvalidOperationException">The pool has returned null, or a block that is too short.</exception>
    public static IMemoryOwner<byte> RentAtLeast(MemoryPool<byte> pool, int minimum, int size, out Memory<byte> memory)
    {
        IMemoryOwner<byte> owner = pool.Rent(size) ?? throw new InvalidOperationException("The buffer pool has returned null instead of memory.");
        try
        {
            memory = owner.Memory;
            return memory.Length >= minimum
                ? owner
                : throw new InvalidOperationException($"The buffer pool has given {memory.Length} bytes where at least {minimum} were asked for.");
        }
        catch
        {
            Return(pool, owner);
            throw;
        }
    }

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => pool.Rent(minBufferSize);

    // The user disposes of the pool.
    protected override void Dispose(bool disposing)
    {
    }

    private void Report(Exception exception) => logger.BlockReturnFailed(exception);
}
