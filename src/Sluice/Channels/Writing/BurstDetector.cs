namespace Sluice.Channels.Writing;

/// <summary>
/// Tells flushes from other threads than the loop's that are worth combining. The only flush for a while leaves at once: combining would delay it for
/// nothing. Of flushes that follow each other closely, those are combined that answer nothing the peer has sent in between, and those of several callers:
/// they follow each other more closely than the writes of one caller that waits for an answer each time, and combining them goes on while it gathers
/// more than one write.
/// </summary>
/// <remarks>
/// Threads use it without a lock. A torn or late value makes one flush leave alone or together with the next, which both are right.
/// </remarks>
internal struct BurstDetector
{
    // How many close flushes in a row show that several callers write.
    private const int CloseFlushes = 3;

    private static readonly TimeSpan s_gap = TimeSpan.FromMicroseconds(100);

    // Less than an answer through the loopback device takes.
    private static readonly TimeSpan s_closeGap = TimeSpan.FromMicroseconds(20);

    private int _receives;
    private byte _closeFlushes;
    private bool _gathers;
    private long _flushedAt;

    /// <summary>Counts a flush, and returns whether it belongs to a burst.</summary>
    public bool Contains(IByteSink sink)
    {
        if (sink.Receives is not { } receives)
        {
            return false;
        }

        long now = sink.TimeProvider.GetTimestamp();
        TimeSpan gap = _flushedAt == 0 ? TimeSpan.MaxValue : sink.TimeProvider.GetElapsedTime(_flushedAt, now);
        bool isUnanswered = receives == _receives;
        _receives = receives;
        _flushedAt = now;
        _closeFlushes = gap < s_closeGap ? (byte)Math.Min(_closeFlushes + 1, CloseFlushes) : (byte)0;
        return gap < s_gap && (isUnanswered || _gathers || _closeFlushes == CloseFlushes);
    }

    /// <summary>Tells whether a flush that was put off, because of <see cref="Contains"/>, has gathered more than one write.</summary>
    public void Learn(bool hasGathered)
    {
        _gathers = hasGathered;
        _closeFlushes = 0;
    }
}
