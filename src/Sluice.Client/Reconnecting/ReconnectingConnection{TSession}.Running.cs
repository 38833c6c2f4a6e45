using System.Net;
using Polly.Retry;
using Sluice.Client.Diagnostics;
using Sluice.Scheduling;

namespace Sluice.Client;

// The task that connects, and waits for the end of each session. A session that did not last is a failed try, after which the strategy waits.
public sealed partial class ReconnectingConnection<TSession>
{
    private async Task RunAsync()
    {
        Exception end = new ObjectDisposedException(nameof(ReconnectingConnection<>));
        try
        {
            while (!_stopped.IsCancellationRequested)
            {
                await _retries.ExecuteAsync(token => new ValueTask(RunSessionAsync(token)), _stopped).ConfigureAwait(false);
            }
        }
        catch (Exception) when (_stopped.IsCancellationRequested)
        {
            // Disposed of.
        }
        catch (Exception exception)
        {
            end = exception;
            _logger.GaveUp(exception);
        }

        lock (_lock)
        {
            _end = end;
            _available.TrySetResult();
        }

        Change(ReconnectState.Closed, cause: end is ObjectDisposedException ? null : end);
    }

    private async Task RunSessionAsync(CancellationToken cancellationToken)
    {
        (TSession session, EndPoint endPoint) = await _opener.OpenAsync(endPoint => Change(ReconnectState.Connecting, endPoint), cancellationToken)
            .ConfigureAwait(false);
        long opened;
        Exception? cause;
        try
        {
            opened = _timeProvider.GetTimestamp();
            _logger.Connected(endPoint);
            Publish(session);
            Change(ReconnectState.Connected, endPoint);
            cause = await WaitForEndAsync(session, cancellationToken).ConfigureAwait(false) ?? session.CloseCause;
        }
        finally
        {
            lock (_lock)
            {
                Withdraw(session);
            }

            await DisposeAsync(session).ConfigureAwait(false);
        }

        if (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        _logger.ConnectionLost(cause, endPoint);
        Change(ReconnectState.Disconnected, endPoint, cause);
        if (_timeProvider.GetElapsedTime(opened) < _options.StableAfter)
        {
            _opener.Avoid(endPoint);
            throw new IOException($"The connection to {endPoint} did not last: {cause?.Message ?? "it was closed"}", cause);
        }
    }

    // Returns what the heartbeat failed with; null if the session ended by itself, or has to.
    private async Task<Exception?> WaitForEndAsync(TSession session, CancellationToken cancellationToken)
    {
        if (_options.Heartbeat is not { } heartbeat)
        {
            await WaitAsync(session.Completion, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
            return null;
        }

        TimeSpan interval = _options.HeartbeatInterval;
        while (true)
        {
            // At least a hundredth, so that a session whose clock stands still is not asked without a pause.
            TimeSpan silent = interval - session.IdleTime;
            await WaitAsync(session.Completion, silent > interval / 100 ? silent : interval / 100, cancellationToken).ConfigureAwait(false);
            if (session.Completion.IsCompleted || cancellationToken.IsCancellationRequested)
            {
                return null;
            }

            if (session.IdleTime < interval)
            {
                continue;
            }

            try
            {
                await Bounded.RunAsync(
                    async token =>
                    {
                        await heartbeat(session, token).ConfigureAwait(false);
                        return true;
                    },
                    static _ => ValueTask.CompletedTask,
                    _options.HeartbeatTimeout,
                    _timeProvider,
                    cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                // A heartbeat also fails if the session ends during it, and the session knows why it has ended.
                return session.Completion.IsCompleted ? null : new IOException($"The peer gave no sign of life: {exception.Message}", exception);
            }

            // A heartbeat that the peer does not answer, or a session that does not measure: the next is due in an interval.
            await WaitAsync(session.Completion, interval, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(Task completion, TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await completion.EndOrCancelAsync(time, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The caller looks at what has happened.
        }
    }

    private async Task DisposeAsync(TSession session)
    {
        try
        {
            await Bounded.DisposeAsync(session, _timeProvider).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _logger.SessionDisposalFailed(exception);
        }
    }

    private ValueTask OnRetry(OnRetryArguments<object> arguments)
    {
        _logger.Retrying(arguments.Outcome.Exception, arguments.RetryDelay.TotalSeconds);
        Change(ReconnectState.Waiting, cause: arguments.Outcome.Exception, delay: arguments.RetryDelay);
        return ValueTask.CompletedTask;
    }
}
