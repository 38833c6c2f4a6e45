using System.Threading.Tasks.Sources;
using Sluice.Channels.Writing;
using Sluice.Scheduling;

namespace Sluice.Channels.Messages;

/// <summary>
/// A caller that waits until its message fits into a <see cref="MessageQueue"/>. Continues on the caller's own loop, or on the pool, and never in the
/// stack frames of the thread that ends the wait.
/// </summary>
internal sealed class PostWaiter(SendQueue queue) : IValueTaskSource<PostWaiter.Outcome>, IRunnable
{
    // Used by the caller, and by the thread that has ended the wait.
    private ManualResetValueTaskSourceCore<Outcome> _core;
    private IScheduler _scheduler = ThreadPoolScheduler.Instance;
    private CancellationToken _token;
    private CancellationTokenRegistration _registration;

    public enum Outcome
    {
        /// <summary>The wait goes on, or has not begun.</summary>
        None,

        /// <summary>The message is queued.</summary>
        Queued,

        /// <summary>No more messages are accepted.</summary>
        Closed,

        /// <summary>The token was canceled.</summary>
        Canceled,
    }

    // The rest is guarded by the lock of the queue.

    /// <summary>Gets or sets the message. Its reference is the queue's from the moment it is queued.</summary>
    public MessageBuffer? Message { get; set; }

    public PostWaiter? Previous { get; set; }

    public PostWaiter? Next { get; set; }

    public bool IsWaiting { get; set; }

    /// <summary>Gets or sets how the wait ended. Written in the lock, read by the thread that calls <see cref="Complete"/>.</summary>
    public Outcome Result { get; set; }

    /// <summary>Prepares the wait, before the waiter is queued.</summary>
    public void Begin(MessageBuffer message, CancellationToken cancellationToken)
    {
        _core.Reset();
        _scheduler = LoopTurn.Current?.Scheduler ?? ThreadPoolScheduler.Instance;
        Message = message;
        Result = Outcome.None;
        _token = cancellationToken;
        _registration = cancellationToken.UnsafeRegister(static waiter => ((PostWaiter)waiter!).Cancel(), this);
    }

    /// <summary>Ends the preparations of a wait that was not needed.</summary>
    public void End()
    {
        // Dispose, not Unregister: it waits for a callback that runs, so that none reaches the next wait.
        _registration.Dispose();
        _registration = default;
        _token = default;
    }

    /// <summary>Waits. To be called once, after the waiter is queued.</summary>
    public ValueTask<Outcome> WaitAsync()
    {
        // The token may have been canceled before the waiter was queued: its callback then found no wait.
        if (_token.IsCancellationRequested)
        {
            Cancel();
        }

        return new ValueTask<Outcome>(this, _core.Version);
    }

    /// <summary>Continues the caller. Called outside every lock, by the thread that has set the result.</summary>
    public void Complete() => _scheduler.Schedule(this);

    void IRunnable.Run() => _core.SetResult(Result);

    void IThreadPoolWorkItem.Execute() => _scheduler.RunOnPoolThread(this);

    Outcome IValueTaskSource<Outcome>.GetResult(short token)
    {
        Outcome outcome = _core.GetResult(token);
        CancellationToken cancellationToken = _token;
        End();
        return outcome == Outcome.Canceled ? throw new OperationCanceledException(cancellationToken) : outcome;
    }

    ValueTaskSourceStatus IValueTaskSource<Outcome>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<Outcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel() => queue.CancelWait(this);
}
