using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

// Waiting: what a writer awaits until enough is sent.
internal sealed partial class SendQueue
{
    // Made by the writer, once; read anywhere.
    private ReadinessEvent? _progress;

    // That of the channel above, whose bytes this sends in another form: made by its writer, once; read anywhere.
    private ReadinessEvent? _progressAbove;

    // Guarded by the lock. How many bytes have to be sent for the writer's wait to end; MaxValue if it does not wait.
    private long _awaited = long.MaxValue;

    /// <summary>
    /// The event at which the writer waits until <see cref="IsFlushedOrArms"/>, which returned false, is worth another call. Null if no writer had
    /// to wait yet.
    /// </summary>
    public ReadinessEvent? Progress => Volatile.Read(ref _progress);

    /// <summary>Creates the event at which the writer of the channel above waits. What this sends restarts its timeout.</summary>
    public ReadinessEvent CreateProgressEventAbove()
    {
        ReadinessEvent progress = Sink.CreateProgressEvent();
        Volatile.Write(ref _progressAbove, progress);
        return progress;
    }

    /// <summary>
    /// Whether <paramref name="count"/> bytes are sent. If not, or if <paramref name="giveWay"/> makes the writer wait all the same,
    /// <see cref="Progress"/> is set when they are, or when waiting has become useless.
    /// </summary>
    public bool IsFlushedOrArms(long count, bool giveWay)
    {
        while (true)
        {
            lock (_queue)
            {
                bool reached = _sent >= count && _failure is null && !IsEndToBeTold;
                if (reached && !giveWay)
                {
                    _awaited = long.MaxValue;
                    return true;
                }

                if (_progress is { } progress)
                {
                    _awaited = count;
                    progress.TryConsume();
                    if (reached || _isClosed || _failure is not null)
                    {
                        progress.Set();
                    }

                    return false;
                }
            }

            // Outside the lock: its time-out runs on a clock that may be the user's. Only the writer comes here.
            Volatile.Write(ref _progress, Sink.CreateProgressEvent());
        }
    }
}
