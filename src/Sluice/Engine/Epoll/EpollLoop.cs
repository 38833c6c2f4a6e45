using System.Collections.Concurrent;
using System.Diagnostics;
using Sluice.Diagnostics;
using Sluice.Engine.Epoll.Balancing;
using Sluice.Engine.Interop;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

/// <summary>
/// An event loop: waits for events, signals the sockets that they are for, and runs the continuations. It is not bound to a thread: the thread
/// that has the current <see cref="LoopTurn"/> runs it, and all of the loop's state is in this object.
/// </summary>
internal sealed partial class EpollLoop : IScheduler, ITurnSource, IDisposable
{
    private readonly Poller _poller = new();
    private readonly SlotTable _slots = new();
    private readonly AdaptiveSpin _spin;

    // Filled by any thread. _ready is that of the thread that runs the loop, outside user code.
    private readonly ConcurrentQueue<IRunnable> _posted = new();
    private readonly Queue<IRunnable> _ready = new();
    private readonly Func<int> _pollOnce;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Replaced by the monitor when it has taken the turn over, before the next thread runs the loop.
    private LoopTurn _turn;

    // 1 while the loop sleeps, or is about to. The thread that exchanges it for 0 wakes the loop.
    private int _sleeping;
    private int _stopping;
    private volatile bool _ended;

    public EpollLoop(EpollEngine engine, TimeSpan spinDuration)
    {
        Engine = engine;
        _spin = new AdaptiveSpin(spinDuration);
        _turn = new LoopTurn(this);
        _pollOnce = PollOnce;
        Statistics = new LoopStatistics(() => _ready.Count + _posted.Count, () => (_turn.State & 1) != 0);
    }

    public EpollEngine Engine { get; }

    public LoopStatistics Statistics { get; }

    /// <summary>Gets the number of sockets that are registered, or about to be.</summary>
    public int Registered => _slots.Count;

    /// <summary>Completes when the loop has ended and its descriptors are closed.</summary>
    public Task Stopped => _stopped.Task;

    /// <summary>Registers a socket until it is closed.</summary>
    /// <param name="socket">The descriptor.</param>
    /// <param name="handler">The receiver of its events.</param>
    /// <param name="events">The events; see epoll_ctl(2).</param>
    /// <exception cref="ObjectDisposedException">The manager is disposed: the loop has ended.</exception>
    public void Register(SocketHandle socket, IEpollHandler handler, uint events = Poller.AllEvents)
    {
        _slots.Publish(handler);
        try
        {
            _poller.Set(socket, events, handler.EventData, isNew: true);
        }
        catch (Exception exception)
        {
            _slots.Release(handler.EventData);
            Engine.Open.ThrowIfCloseExplains(exception);
            throw;
        }
    }

    /// <summary>Changes the events of a registered socket. A condition that holds already is reported again.</summary>
    public void Modify(SocketHandle socket, IEpollHandler handler, uint events)
    {
        try
        {
            _poller.Set(socket, events, handler.EventData, isNew: false);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended, or the socket is closed.
        }
    }

    /// <summary>Reserves the event data of a handler that is being created.</summary>
    public ulong Reserve() => _slots.Reserve();

    /// <summary>Frees the event data of a handler that was never registered, or is no longer.</summary>
    public void Release(IEpollHandler handler) => _slots.Release(handler.EventData);

    /// <summary>Unregisters a socket. To be called before its descriptor is closed.</summary>
    public void Unregister(SocketHandle socket, IEpollHandler handler)
    {
        _slots.Release(handler.EventData);
        Remove(socket);
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

    public bool IsNeverHeldUp => Engine.HandsLoopsOver;

    /// <summary>Runs an item that was left when the loop ended.</summary>
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
            Engine.Threads.Return(thread);
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

    /// <summary>Closes the descriptors of a loop that was never started. A loop that was closes them itself when it ends.</summary>
    public void Dispose() => _poller.Dispose();

    /// <summary>Runs the loop on this thread, until it ends or another thread takes it over.</summary>
    public void Run()
    {
        LoopTurn turn = _turn;
        ThreadId = Libc.GetThreadId();
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
                Engine.Threads.OnUnstuck();
            }

            turn.End();
        }
    }

    // Runs the items that are ready now. Items that become ready from now on run in the next iteration, after a poll of the sockets. False if the
    // turn was taken over.
    private bool RunReady(LoopTurn turn)
    {
        int count = _ready.Count;
        _continuations += count;
        for (int left = count; left > 0; left--)
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

    private void Remove(SocketHandle socket)
    {
        try
        {
            _poller.Remove(socket);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended, and its epoll descriptor with it.
        }
    }

    private void Dispatch(int count)
    {
        MoveOrder? order = Volatile.Read(ref _order);
        for (int i = 0; i < count; i++)
        {
            (uint events, ulong data) = _poller[i];
            IEpollHandler? handler = _slots.Find(data);
            if (order is null || !TryMove(order, handler))
            {
                handler?.OnEvents(events);
            }
        }
    }

    private int Poll()
    {
        if (_ready.Count != 0)
        {
            return _poller.Wait(0);
        }

        int count = 0;
        if (!_spin.ExpectsSleep)
        {
            count = _poller.Wait(0);
            if (count == 0)
            {
                count = _spin.Spin(_pollOnce);
            }
        }

        return count == 0 ? Sleep() : Math.Max(count, 0);
    }

    private int Sleep()
    {
        int count = 0;

        // Sets the flag first and reads the queue second. A thread that posts does it in the other order, so one of the two sees the other.
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

        // A full fence again: the monitor scans for loops that are awake before it sleeps.
        Interlocked.Exchange(ref _sleeping, 0);
        Engine.Monitor?.EnsureAwake();
        return count;
    }

    // -1 for an item.
    private int PollOnce()
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
