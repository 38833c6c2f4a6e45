using Sluice.Scheduling;

namespace Sluice.Serving.Initializing;

/// <summary>
/// The connections that are initialized, for one caller at a time that accepts them. The caller continues on the scheduler of the listener, as after an accept
/// without initializers.
/// </summary>
internal sealed class InitializedConnections(IScheduler scheduler)
{
    private readonly ReadinessEvent _readiness = new(scheduler);

    // Guards the two below, and is the queue itself.
    private readonly Queue<InitializedConnection> _queue = new();
    private bool _completed;
    private Exception? _failure;

    /// <summary>Gets the reason for the end; null if there is none.</summary>
    public Exception? Failure
    {
        get
        {
            lock (_queue)
            {
                return _failure;
            }
        }
    }

    /// <summary>Adds a connection or a failure. False after the end.</summary>
    public bool TryAdd(InitializedConnection connection)
    {
        lock (_queue)
        {
            if (_completed)
            {
                return false;
            }

            _queue.Enqueue(connection);
        }

        _readiness.Set();
        return true;
    }

    /// <summary>Lets nothing be added any more. The first call counts. Connections in the queue can still be taken.</summary>
    public void Complete(Exception? failure = null)
    {
        lock (_queue)
        {
            if (!_completed)
            {
                _completed = true;
                _failure = failure;
            }
        }

        _readiness.Set();
    }

    /// <summary>Takes the next one without waiting; null if there is none.</summary>
    public InitializedConnection? TryTake()
    {
        lock (_queue)
        {
            return _queue.TryDequeue(out InitializedConnection? connection) ? connection : null;
        }
    }

    /// <summary>Waits for the next one; null after the end.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask<InitializedConnection?> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // A signal from before this look is not for it.
            _readiness.TryConsume();
            lock (_queue)
            {
                if (_queue.TryDequeue(out InitializedConnection? connection) || _completed)
                {
                    return connection;
                }
            }

            await _readiness.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
