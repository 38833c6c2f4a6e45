using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

// Waiting: what a writer awaits until enough is sent.
internal sealed partial class SendQueue
{
    // Compare-exchanged from null by a writer; read anywhere.
    private RoomWaits? _waits;

    /// <summary>
    /// The event at which the writer waits until <see cref="IsFlushedOrArms"/>, which returned false, is worth another call. Null if no writer had
    /// to wait yet.
    /// </summary>
    public ReadinessEvent? Progress => Volatile.Read(ref _waits)?.Progress;

    /// <summary>Creates the event at which the writer of the channel above waits. What this sends restarts its timeout.</summary>
    public ReadinessEvent CreateProgressEventAbove()
    {
        ReadinessEvent progress = Sink.CreateProgressEvent();
        Waits().ProgressAbove = progress;
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
                    SetAwaited(long.MaxValue);
                    return true;
                }

                if (Progress is { } progress)
                {
                    SetAwaited(count);
                    progress.TryConsume();
                    if (reached || _isClosed || _failure is not null)
                    {
                        progress.Set();
                    }

                    return false;
                }
            }

            // Outside the lock: its time-out runs on a clock that may be the user's. Only the writer comes here.
            Waits().Progress = Sink.CreateProgressEvent();
        }
    }

    private RoomWaits Waits() => Volatile.Read(ref _waits) ?? Interlocked.CompareExchange(ref _waits, new RoomWaits(), null) ?? _waits;

    // The rest runs in the lock.

    private bool IsAwaited => _waits is { Awaited: not long.MaxValue };

    private void SetAwaited(long count)
    {
        if (_waits is { } waits)
        {
            waits.Awaited = count;
        }
    }

    // Tells the writers what was sent.
    private void ReportProgress()
    {
        if (_waits is not { } waits)
        {
            return;
        }

        if (_sent >= waits.Awaited)
        {
            waits.Progress?.Set();
        }
        else
        {
            waits.Progress?.ReportProgress();
        }

        waits.ProgressAbove?.ReportProgress();
    }
}
