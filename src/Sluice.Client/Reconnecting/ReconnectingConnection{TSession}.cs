using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.Retry;
using Sluice.Client.Diagnostics;
using Sluice.Client.Reconnecting;
using Sluice.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Client;

/// <summary>
/// Keeps a connection open: connects, opens a session on the connection, and replaces both when they have ended. Tries the end points in turn, and waits
/// longer and longer between tries that fail.
/// </summary>
/// <typeparam name="TSession">The type of the sessions: what is spoken over a connection.</typeparam>
public sealed partial class ReconnectingConnection<TSession> : IAsyncDisposable
    where TSession : class, IConnectionSession
{
    private readonly Lock _lock = new();
    private readonly SessionOpener<TSession> _opener;
    private readonly ReconnectOptions<TSession> _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly ResiliencePipeline _retries;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stopped;

    // Set by Start, before the object is handed out.
    private Task _running = Task.CompletedTask;

    // Guarded by _lock. Completed when there is a session, or none will come.
    private TaskCompletionSource _available = CreateSignal();

    // Written under _lock, read by any thread.
    private volatile TSession? _current;
    private volatile Exception? _end;
    private int _state;

    // The thread that runs the user's callback; 0 if none does. Another thread compares it with its own number only, which it never reads here.
    private int _callbackThread;

    internal ReconnectingConnection(SessionOpener<TSession> opener, ReconnectOptions<TSession> options)
    {
        _opener = opener;
        _options = options;
        _timeProvider = options.TimeProvider;
        _logger = options.LoggerFactory is { } factory ? new SafeLogger(factory.CreateLogger("Sluice.Client")) : NullLogger.Instance;
        _stopped = _stopping.Token;
        var builder = new ResiliencePipelineBuilder { TimeProvider = _timeProvider };
        if (options.MaxAttempts > 1)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.MinDelay,
                MaxDelay = options.MaxDelay,
                MaxRetryAttempts = options.MaxAttempts - 1,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is not null && !_stopped.IsCancellationRequested),
                OnRetry = OnRetry,
            });
        }

        _retries = builder.Build();
    }

    /// <summary>Gets what the connection is doing.</summary>
    public ReconnectState State => (ReconnectState)Volatile.Read(ref _state);

    /// <summary>Gets the session; null if there is none at the moment. It may end at any time.</summary>
    public TSession? Current => _current is { Completion.IsCompleted: false } session ? session : null;

    /// <summary>Gets the session, and waits for one if there is none, for at most <see cref="ReconnectOptions{TSession}.WaitTimeout"/>.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The session. It is shared by all callers, and may end at any time. To replace it, dispose of it.</returns>
    /// <exception cref="TimeoutException">There was no session in time.</exception>
    /// <exception cref="IOException">The connection has given up, after <see cref="ReconnectOptions{TSession}.MaxAttempts"/>.</exception>
    /// <exception cref="ObjectDisposedException">The connection is disposed of.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
    public ValueTask<TSession> GetAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TSession>(cancellationToken);
        }

        return Current is { } session ? new ValueTask<TSession>(session) : WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the session and every try to connect, and waits for that; for a session that does not end, at most 30 seconds. Called in
    /// <see cref="ReconnectOptions{TSession}.OnStateChanged"/>, it does not wait. Idempotent.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        bool isInCallback = Volatile.Read(ref _callbackThread) == Environment.CurrentManagedThreadId;
        try
        {
            // Runs what functions of the user have registered with their tokens, which may throw.
            await _stopping.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            if (!isInCallback)
            {
                await _running.ConfigureAwait(false);
            }
        }
    }

    internal void Start() => _running = Background.Run(RunAsync);

    private static TaskCompletionSource CreateSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask<TSession> WaitAsync(CancellationToken cancellationToken)
    {
        long started = _timeProvider.GetTimestamp();
        while (true)
        {
            Task available;
            TSession? dead = _current is { Completion.IsCompleted: true } current ? current : null;
            lock (_lock)
            {
                // The connecting task may not have seen yet that the session has ended.
                Withdraw(dead);
                available = _available.Task;
            }

            TimeSpan left = _options.WaitTimeout;
            if (left != Timeout.InfiniteTimeSpan)
            {
                left -= _timeProvider.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                {
                    throw new TimeoutException($"There was no connection within {_options.WaitTimeout.TotalSeconds} s.");
                }
            }

            try
            {
                await available.EndOrCancelAsync(left, _timeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException exception)
            {
                throw new TimeoutException($"There was no connection within {_options.WaitTimeout.TotalSeconds} s.", exception);
            }

            if (Current is { } session)
            {
                return session;
            }

            if (_end is { } end)
            {
                throw end is ObjectDisposedException
                    ? new ObjectDisposedException(nameof(ReconnectingConnection<>))
                    : new IOException($"The connection has given up: {end.Message}", end);
            }
        }
    }

    // Under the lock.
    private void Withdraw(TSession? session)
    {
        if (session is not null && ReferenceEquals(_current, session))
        {
            _current = null;
            if (_end is null)
            {
                _available = CreateSignal();
            }
        }
    }

    private void Publish(TSession session)
    {
        lock (_lock)
        {
            _current = session;
            _available.TrySetResult();
        }
    }

    private void Change(ReconnectState state, EndPoint? endPoint = null, Exception? cause = null, TimeSpan delay = default)
    {
        Volatile.Write(ref _state, (int)state);
        Volatile.Write(ref _callbackThread, Environment.CurrentManagedThreadId);
        try
        {
            _options.OnStateChanged?.Invoke(new ReconnectStateChange(state, endPoint, cause, delay));
        }
        catch (Exception exception)
        {
            _logger.StateCallbackFailed(exception);
        }
        finally
        {
            Volatile.Write(ref _callbackThread, 0);
        }
    }
}
