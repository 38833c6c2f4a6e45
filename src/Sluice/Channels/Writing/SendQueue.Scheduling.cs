using System.Buffers;
using Sluice.Scheduling;

namespace Sluice.Channels.Writing;

// Decides when bytes leave that were appended to be flushed: at the end of the loop turn that appended them. Outside a turn they leave at once,
// or in a burst together with those that follow, at the loop's next turn.
internal sealed partial class SendQueue : IDeferredFlush, IRunnable
{
    // Guarded by the lock. Set when a flush is scheduled, cleared when it begins: the queue stands in one list of flushes at a time, at most.
    private bool _flushScheduled;

    // Any thread, without the lock: see BurstDetector.
    private BurstDetector _bursts;

    // Guarded by the lock. Whether another write has come since a flush was scheduled.
    private bool _hasGathered;

    // Any thread. Whether the flush that is scheduled was put off outside a turn, to gather writes.
    private volatile bool _gathers;

    // Only the LoopTurn touches it.
    IDeferredFlush? IDeferredFlush.NextDeferred { get; set; }

    /// <summary>
    /// Flushes without waiting for the sink: at once if more than <paramref name="most"/> bytes wait, else at the end of the turn, or on the pool
    /// outside a turn.
    /// </summary>
    /// <returns>False if more than <paramref name="most"/> bytes still wait, or the running continuation has used up its budget.</returns>
    public bool TryFlushSoon(long most)
    {
        bool isMore;
        bool needsFlush;
        lock (_queue)
        {
            _inPipeWrite = false;
            isMore = _queue.Length > most;
            needsFlush = !isMore && NeedsFlush();
        }

        if (isMore)
        {
            Send();
            LoopTurn.ConsumeBudget();
            return Length <= most && !LoopTurn.IsBudgetSpent;
        }

        if (needsFlush && !LoopTurn.TryDefer(this))
        {
            // A pool thread that flushes often flushes again soon, as do others. Behind the pool's queue all of that leaves together, and the loop
            // is not woken.
            PoolWork.Queue(this);
        }

        return true;
    }

    void IDeferredFlush.FlushDeferred(IScheduler scheduler)
    {
        if (CallsUserCode)
        {
            // In a turn of its own, from which the loop can be taken over.
            scheduler.Schedule(this);
        }
        else
        {
            RunScheduledFlush();
        }
    }

    void IRunnable.Run() => RunScheduledFlush();

    void IThreadPoolWorkItem.Execute() => RunScheduledFlush();

    // Outside the lock, with what NeedsFlush said in it.
    private void FlushIf(bool needsFlush)
    {
        if (!needsFlush || LoopTurn.TryDefer(this))
        {
            return;
        }

        if (Sink.Scheduler.IsNeverHeldUp && IsInBurst())
        {
            _gathers = true;
            Sink.Scheduler.Schedule(this);
        }
        else
        {
            RunScheduledFlush();
        }
    }

    // Between NeedsFlush and the flush: a clock of the user's that throws must not keep the bytes here for good.
    private bool IsInBurst()
    {
        try
        {
            return _bursts.Contains(Sink);
        }
        catch
        {
            RunScheduledFlush();
            throw;
        }
    }

    private void RunScheduledFlush()
    {
        Step step;
        ReadOnlySequence<byte> bytes;
        IExternalPayload? payload;
        using (Enter())
        {
            if (_gathers)
            {
                _gathers = false;
                _bursts.Learn(_hasGathered);
            }

            _flushScheduled = false;
            _hasGathered = false;
            step = TryTake(out bytes, out payload);
        }

        Continue(step, bytes, payload);
    }

    // In the lock. Whether the caller has to schedule a flush when it has left the lock: not if one is scheduled, or the sender goes on anyway.
    private bool NeedsFlush()
    {
        if (_sending || _flushScheduled || (IsEmpty && !HasMessages) || _failure is not null)
        {
            _hasGathered |= _flushScheduled;
            return false;
        }

        _flushScheduled = true;
        return true;
    }
}
