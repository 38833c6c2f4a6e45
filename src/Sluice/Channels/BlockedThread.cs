namespace Sluice.Channels;

/// <summary>
/// Blocks the calling thread until a wait ends: for the synchronous half of <see cref="Stream"/> alone. A loop whose thread blocks here goes
/// on on another thread.
/// </summary>
internal sealed class BlockedThread
{
    // A thread blocks in one place at a time.
    [ThreadStatic]
    private static BlockedThread? s_mine;

    private readonly ManualResetEventSlim _ended = new();
    private readonly Action _end;

    private BlockedThread() => _end = _ended.Set;

    private static BlockedThread Mine => s_mine ??= new BlockedThread();

    /// <summary>Blocks until the wait has ended.</summary>
    /// <returns>Its result.</returns>
    public static T Until<T>(ValueTask<T> wait)
    {
        var awaiter = wait.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            BlockedThread thread = Mine;
            thread._ended.Reset();
            awaiter.UnsafeOnCompleted(thread._end);
            thread._ended.Wait();
        }

        return awaiter.GetResult();
    }

    /// <inheritdoc cref="Until{T}(ValueTask{T})"/>
    public static void Until(ValueTask wait)
    {
        var awaiter = wait.ConfigureAwait(false).GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            BlockedThread thread = Mine;
            thread._ended.Reset();
            awaiter.UnsafeOnCompleted(thread._end);
            thread._ended.Wait();
        }

        awaiter.GetResult();
    }
}
