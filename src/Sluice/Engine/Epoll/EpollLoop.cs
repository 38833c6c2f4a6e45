using System.Collections.Concurrent;
using System.Diagnostics;
using Sluice.Diagnostics;
using Sluice.Engine.Interop;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

/// <summary>
/// An event loop: waits for events, wakes who waits for them, runs their continuations. A role and not a thread: whichever
/// thread holds the current <see cref="LoopTurn"/> runs it, and all it needs is in here.
/// </summary>
internal sealed class EpollLoop : IScheduler, ITurnSource, IDisposable
{
    private readonly Poller _poller = new();
    private readonly SlotTable _slots = new();
    private readonly AdaptiveSpin _spin;
    private readonly ConcurrentQueue<IRunnable> _posted = new();
    private readonly Queue<IRunnable> _ready = new();
    private readonly Func<int> _look;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LoopTurn _turn;
    private int _sleeping;
    private int _stopping;
    private volatile bool _ended;

    public EpollLoop(EpollEngine engine, TimeSpan spinDuration)
    {
        Engine = engine;
        _spin = new AdaptiveSpin(spinDuration);
        _turn = new LoopTurn(this);
        _look = LookOnce;
        Statistics = new LoopStatistics(() => _ready.Count + _posted.Count, () => (_turn.State & 1) != 0);
    }

    public EpollEngine Engine { get; }

    public LoopStatistics Statistics { get; }

    /// <summary>Completes when the loop has ended and its descriptors are closed.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Registers a socket for its life.</summary>
    /// <param name="socket">The descriptor.</param>
    /// <param name="handler">Who is told of its events.</param>
    public void Register(SocketHandle socket, IEpollHandler handler)
    {
        _slots.Publish(handler);
        try
        {
            _poller.Add(socket, handler.EventData);
        }
        catch
        {
            _slots.Release(handler);
            throw;
        }
    }

    /// <summary>Registers a socket for its life, for the events that <paramref name="events"/> says.</summary>
    public void Register(SocketHandle socket, IEpollHandler handler, uint events)
    {
        _slots.Publish(handler);
        try
        {
            _poller.Set(socket, events, handler.EventData, isNew: true);
        }
        catch
        {
            _slots.Release(handler);
            throw;
        }
    }

    /// <summary>Changes which events a registered socket has; those that are there already come again.</summary>
    public void Modify(SocketHandle socket, IEpollHandler handler, uint events)
    {
        try
        {
            _poller.Set(socket, events, handler.EventData, isNew: false);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended, or the socket was closed.
        }
    }

    /// <summary>Reserves the event data of a handler to be.</summary>
    public ulong Reserve() => _slots.Reserve();

    /// <summary>Gives back what <see cref="Reserve"/> reserved for a handler that was never registered, or no longer is.</summary>
    public void Release(IEpollHandler handler) => _slots.Release(handler);

    /// <summary>Takes a socket out, before its descriptor is closed.</summary>
    public void Unregister(SocketHandle socket, IEpollHandler handler)
    {
        _slots.Release(handler);
        try
        {
            _poller.Remove(socket);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended, and its epoll descriptor with it.
        }
    }

    public void Schedule(IRunnable item)
    {
        if (_turn.IsOwnedByThisThread)
        {
            _ready.Enqueue(item);
            return;
        }

        _posted.Enqueue(item);
        Interlocked.MemoryBarrier();
        if (_ended)
        {
            DrainToPool();
        }
        else if (Volatile.Read(ref _sleeping) != 0 && Interlocked.Exchange(ref _sleeping, 0) != 0)
        {
            Wake();
        }
    }

    /// <summary>What is left when the loop has ended runs on the pool, as it is.</summary>
    public void RunOnPoolThread(IRunnable item) => item.Run();

    public bool IsRunning => Volatile.Read(ref _sleeping) == 0 && !_ended;

    public void CollectTurns(ICollection<LoopTurn> into)
    {
        if (!_ended)
        {
            into.Add(_turn);
        }
    }

    public bool TryTakeOver(LoopTurn turn, long state)
    {
        if (Engine.Threads.TryTake() is not { } thread)
        {
            return false;
        }

        if (!turn.TryTakeOver(state))
        {
            Engine.Threads.GiveBack(thread);
            return false;
        }

        turn.RunDeferred();
        _turn = new LoopTurn(this);
        Statistics.CountHandoff();
        thread.Run(this);
        Engine.Threads.EnsureSpare();
        Engine.QueuedLogger.LoopHandedOff();
        return true;
    }

    /// <summary>Asks the loop to end once it has run what is queued.</summary>
    public void Stop()
    {
        Volatile.Write(ref _stopping, 1);
        Interlocked.MemoryBarrier();
        Wake();
    }

    /// <summary>Closes the descriptors of a loop that nobody ever ran; one that runs closes them itself when it ends.</summary>
    public void Dispose() => _poller.Dispose();

    /// <summary>Runs the loop on this thread, until it ends or is taken away.</summary>
    public void Run()
    {
        LoopTurn turn = _turn;
        turn.Begin();
        try
        {
            while (RunReady(turn))
            {
                Statistics.CountTurn();
                while (_posted.TryDequeue(out IRunnable? item))
                {
                    _ready.Enqueue(item);
                }

                if (_ready.Count == 0 && Volatile.Read(ref _stopping) != 0)
                {
                    EndLoop();
                    return;
                }

                Dispatch(Poll());
            }
        }
        finally
        {
            if (turn.IsTakenOver)
            {
                Engine.Threads.Returned();
            }

            turn.End();
        }
    }

    // Runs what is ready now; what becomes ready meanwhile waits for the next round, after a look at the sockets. False: no longer ours.
    private bool RunReady(LoopTurn turn)
    {
        for (int left = _ready.Count; left > 0; left--)
        {
            IRunnable item = _ready.Dequeue();
            long entered = turn.Enter();
            try
            {
                item.Run();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                Engine.Logger.ContinuationFailed(exception);
            }

            if (!turn.TryExit(entered))
            {
                return false;
            }

            turn.RunDeferred();
        }

        return true;
    }

    private void Dispatch(int count)
    {
        for (int i = 0; i < count; i++)
        {
            (uint events, ulong data) = _poller[i];
            _slots.Find(data)?.OnEvents(events);
        }
    }

    private int Poll()
    {
        int count = _poller.Wait(0);
        if (count != 0 || _ready.Count != 0)
        {
            return count;
        }

        count = _spin.Spin(_look);
        if (count != 0)
        {
            return Math.Max(count, 0);
        }

        // Say that we sleep first, look at the queue second: whoever posts does it the other way round.
        Interlocked.Exchange(ref _sleeping, 1);
        if (_posted.IsEmpty && Volatile.Read(ref _stopping) == 0)
        {
            long started = Stopwatch.GetTimestamp();
            Statistics.FallAsleep(started);
            count = _poller.Wait(-1);
            long ended = Stopwatch.GetTimestamp();
            Statistics.WakeUp(ended);
            _spin.Slept(ended - started);
        }

        // A full fence again: before it sleeps, the monitor looks for loops that are awake.
        Interlocked.Exchange(ref _sleeping, 0);
        Engine.Monitor?.EnsureAwake();
        return count;
    }

    private int LookOnce()
    {
        int count = _poller.Wait(0);
        return count == 0 && !_posted.IsEmpty ? -1 : count;
    }

    private void Wake()
    {
        try
        {
            _poller.Wake();
        }
        catch (ObjectDisposedException)
        {
            DrainToPool();
        }
    }

    private void EndLoop()
    {
        _ended = true;
        Interlocked.MemoryBarrier();
        try
        {
            DrainToPool();
            _poller.Dispose();
        }
        finally
        {
            _stopped.SetResult();
        }
    }

    private void DrainToPool()
    {
        while (_posted.TryDequeue(out IRunnable? item))
        {
            ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);
        }
    }
}
