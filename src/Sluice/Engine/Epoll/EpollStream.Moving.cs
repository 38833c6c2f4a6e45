using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

/// <remarks>
/// The stream schedules its own continuations, on whichever loop it belongs to at the time. Everything that was given the stream's scheduler
/// follows a move by itself.
/// </remarks>
internal sealed partial class EpollStream : IScheduler
{
    private const int Settled = 0;
    private const int Moving = 1;
    private const int Leaving = 2;

    // Between the loop that moves the stream and the thread that closes it: one of them at a time uses the registration.
    private int _registration;

    /// <summary>The number of the last order to move that this stream was considered for. The loop it belongs to reads and writes it.</summary>
    public int LastMoveOrder { get; set; }

    public override IScheduler RunsOn => ReferenceEquals(Scheduler, this) ? _loop : Scheduler;

    public bool IsNeverHeldUp => _loop.IsNeverHeldUp;

    public void Schedule(IRunnable item) => _loop.Schedule(item);

    public void RunOnPoolThread(IRunnable item) => _loop.RunOnPoolThread(item);

    /// <summary>
    /// Moves the stream to another loop. Called by the loop it belongs to, between its turns. A continuation that is queued here runs here;
    /// those that follow run there. Both loops may be told of the same readiness, which costs a receive that finds nothing.
    /// </summary>
    public bool TryMove(EpollLoop to)
    {
        EpollLoop from = _loop;
        if (ReferenceEquals(from, to) || IsConnecting || Interlocked.CompareExchange(ref _registration, Moving, Settled) != Settled)
        {
            return false;
        }

        // From here on, this loop finds no handler for events that it has fetched already.
        ulong before = EventData;
        EventData = to.Reserve();
        _loop = to;
        bool moved = to.TryRegisterMoved(_handle, this);
        if (moved)
        {
            from.UnregisterMoved(_handle, before);
        }
        else
        {
            _loop = from;
            EventData = before;
        }

        Volatile.Write(ref _registration, Settled);
        return moved;
    }

    private void Unregister()
    {
        SpinWait spin = default;
        while (Interlocked.CompareExchange(ref _registration, Leaving, Settled) == Moving)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }

        // The last close(2) unregisters a socket (epoll(7), Q6). Events that come before it find no handler.
        if (_mayBeDuplicated || Volatile.Read(ref _viewState) != NoView)
        {
            _loop.Unregister(_handle, this);
        }
        else
        {
            _loop.Release(this);
        }
    }
}
