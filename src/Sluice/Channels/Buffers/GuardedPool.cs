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

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => pool.Rent(minBufferSize);

    // The user disposes of the pool.
    protected override void Dispose(bool disposing)
    {
    }

    private void Report(Exception exception) => logger.BlockReturnFailed(exception);
}
