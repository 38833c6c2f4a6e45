using System.Buffers;
using Microsoft.Extensions.Logging;
using Sluice.Diagnostics;

namespace Sluice.Channels.Buffers;

/// <summary>
/// A user's pool. What its blocks throw when they are given back is logged: the operation that gives them back has done its work by then.
/// </summary>
internal sealed class GuardedPool(MemoryPool<byte> pool, ILogger logger) : MemoryPool<byte>
{
    public override int MaxBufferSize => pool.MaxBufferSize;

    /// <summary>Gives a block of a pool back. Never throws.</summary>
    /// <param name="pool">The pool that it was rented from.</param>
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

    // The pool is the user's to dispose of.
    protected override void Dispose(bool disposing)
    {
    }

    private void Report(Exception exception) => logger.BlockReturnFailed(exception);
}
