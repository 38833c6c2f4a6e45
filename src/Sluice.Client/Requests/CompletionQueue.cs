using System.Collections.Concurrent;
using Sluice.Scheduling;

namespace Sluice.Client.Requests;

/// <summary>
/// Runs the callers whose requests have ended: those of one receive one after another, so that their next requests leave together, and never in a way that one
/// which blocks holds up the others.
/// </summary>
/// <remarks>
/// A runner completes callers until the queue is empty. Before it enters a caller while others wait, it makes sure that another runner is queued. On an event
/// loop, the other runner finds nothing to do, unless the monitor has taken the loop from a caller that blocks. On the thread pool, another thread helps.
/// Callers that compute for long on a loop are moved to the pool: the loop serves other connections as well.
/// </remarks>
internal sealed class CompletionQueue
{
    // How long the callers of one receive may keep a loop, and how much longer for each of them: a short continuation takes less than a microsecond.
    private readonly long _loopBudget;
    private readonly long _callerBudget;

    [ThreadStatic]
    private static bool s_hasMore;

    private readonly ConcurrentQueue<ICompletion> _ready = new();
    private readonly LoopRunner _loopRunner;
    private readonly PoolRunner _poolRunner;

    private readonly TimeProvider _timeProvider;

    public CompletionQueue(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _loopBudget = timeProvider.TimestampFrequency / 10_000;
        _callerBudget = Math.Max(timeProvider.TimestampFrequency / 400_000, 1);
        _loopRunner = new LoopRunner(this);
        _poolRunner = new PoolRunner(this);
    }

    /// <summary>Whether this thread is about to run further callers of a queue outside a turn: what they send can leave together.</summary>
    public static bool HasMore => s_hasMore;

    /// <summary>Adds a caller. <see cref="Run"/> or <see cref="RunOnPool"/> has to follow.</summary>
    public void Add(ICompletion completion) => _ready.Enqueue(completion);

    /// <summary>Runs the callers: on the loop whose turn this is, if it can be taken over from one that blocks, and otherwise on the pool.</summary>
    public void Run()
    {
        if (_ready.IsEmpty)
        {
            return;
        }

        if (LoopTurn.Current?.Scheduler is { IsNeverHeldUp: true } loop)
        {
            _loopRunner.Schedule(loop);
        }
        else
        {
            _poolRunner.Schedule();
        }
    }

    /// <summary>Runs the callers on the pool: for a thread whose stack frames they must not share.</summary>
    public void RunOnPool()
    {
        if (!_ready.IsEmpty)
        {
            _poolRunner.Schedule();
        }
    }

    private sealed class LoopRunner(CompletionQueue queue) : IRunnable
    {
        // 1 while this is queued.
        private int _queued;

        public void Schedule(IScheduler loop)
        {
            if (Volatile.Read(ref _queued) == 0 && Interlocked.Exchange(ref _queued, 1) == 0)
            {
                loop.Schedule(this);
            }
        }

        public void Run()
        {
            Interlocked.Exchange(ref _queued, 0);
            if (LoopTurn.Current?.Scheduler is not { } loop)
            {
                queue.RunOnPool();
                return;
            }

            // Callers whose time is not known are moved to the pool.
            if (!queue._timeProvider.TryGetTimestamp(out long started))
            {
                queue.RunOnPool();
                return;
            }

            long budget = queue._loopBudget;
            while (queue._ready.TryDequeue(out ICompletion? completion))
            {
                if (!queue._ready.IsEmpty)
                {
                    Schedule(loop);
                }

                completion.Complete();
                budget += queue._callerBudget;
                if (!queue._timeProvider.TryGetTimestamp(out long now) || now - started > budget)
                {
                    queue.RunOnPool();
                    return;
                }
            }
        }

        // The loop has ended.
        void IThreadPoolWorkItem.Execute()
        {
            Interlocked.Exchange(ref _queued, 0);
            queue.RunOnPool();
        }
    }

    private sealed class PoolRunner(CompletionQueue queue) : IThreadPoolWorkItem
    {
        private int _queued;

        public void Schedule()
        {
            if (Volatile.Read(ref _queued) == 0 && Interlocked.Exchange(ref _queued, 1) == 0)
            {
                PoolWork.Queue(this);
            }
        }

        void IThreadPoolWorkItem.Execute()
        {
            Interlocked.Exchange(ref _queued, 0);
            while (queue._ready.TryDequeue(out ICompletion? completion))
            {
                s_hasMore = !queue._ready.IsEmpty;
                if (s_hasMore)
                {
                    Schedule();
                }

                try
                {
                    completion.Complete();
                }
                finally
                {
                    s_hasMore = false;
                }
            }
        }
    }
}
