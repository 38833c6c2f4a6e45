namespace Sluice.Channels.Writing;

/// <summary>
/// Tells flushes from other threads than the loop's that are worth combining: those that follow each other closely and answer nothing the peer
/// has sent in between. The flush after a receive, and the only one for a while, leave at once: combining would delay them for nothing.
/// </summary>
/// <remarks>
/// Threads use it without a lock. A torn or late value makes one flush leave alone or together with the next, which both are right.
/// </remarks>
internal struct BurstDetector
{
    private static readonly TimeSpan s_gap = TimeSpan.FromMicroseconds(100);

    private int _receives;
    private long _flushedAt;

    /// <summary>Counts a flush, and returns whether it belongs to a burst.</summary>
    public bool Contains(IByteSink sink)
    {
        if (sink.Receives is not { } receives)
        {
            return false;
        }

        long now = sink.TimeProvider.GetTimestamp();
        bool isBurst = receives == _receives && _flushedAt != 0 && sink.TimeProvider.GetElapsedTime(_flushedAt, now) < s_gap;
        _receives = receives;
        _flushedAt = now;
        return isBurst;
    }
}
