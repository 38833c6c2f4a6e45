using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

// Appending under a lock of the caller's, which fixes the order of the messages of many threads, and flushing after that lock is left.
internal sealed partial class SendQueue
{
    /// <summary>
    /// Appends a copy as <see cref="TryAppendUncontended"/> does, and leaves the flush to the caller. Calls no user code.
    /// </summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="needsFlush">Whether <see cref="FlushAppended"/> has to follow, on this thread, outside the caller's lock.</param>
    /// <returns>False if nothing was appended: the bytes do not fit, a writer holds the role, or it has to be told something.</returns>
    public bool TryAppendUnflushed(ReadOnlySpan<byte> bytes, out bool needsFlush)
    {
        lock (_queue)
        {
            return TryAppendAsWriter(bytes, flush: true, out needsFlush);
        }
    }

    /// <summary>Flushes what was appended: at the end of the turn, in a turn.</summary>
    /// <param name="soon">
    /// Outside a turn: whether more is about to be appended, so that a pool thread flushes all of it, behind the pool's queue. If not, this thread flushes.
    /// </param>
    public void FlushAppended(bool soon)
    {
        if (!soon)
        {
            FlushIf(needsFlush: true);
        }
        else if (!LoopTurn.TryDefer(this))
        {
            PoolWork.Queue(this);
        }
    }
}
