using System.Net;
using System.Net.Sockets;
using Sluice.Diagnostics;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Connecting;

/// <summary>
/// Connects to the first of several addresses that accepts (happy eyeballs, RFC 8305, 5). An attempt starts when the one before it has failed, or has not
/// completed after a delay. The connections of slower attempts are closed.
/// </summary>
internal sealed class ConnectRace(SocketEngine engine, EndPoint target, IReadOnlyList<EndPoint> endPoints, StreamSocketOptions options)
{
    // The caller of the race applies the timeout of all attempts.
    private readonly StreamSocketOptions _attemptOptions = new(options) { ConnectTimeout = Timeout.InfiniteTimeSpan };
    private readonly List<(EndPoint EndPoint, Task<StreamTransport> Task)> _running = [];
    private readonly List<ConnectAttempt> _failed = [];

    /// <summary>Gets the failures so far; null if there are none.</summary>
    public ConnectException? Failure => _failed.Count > 0 ? new ConnectException(target, [.. _failed]) : null;

    /// <exception cref="SocketException">Every attempt failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<StreamTransport> RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task? pause = null;
        try
        {
            for (int next = 0; ;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (next < endPoints.Count && pause is not { IsCompleted: false })
                {
                    pause = null;
                    _running.Add((endPoints[next], AttemptAsync(engine, endPoints[next], _attemptOptions, over.Token)));
                    next++;
                }

                (StreamTransport? winner, bool anyFailed) = await TakeEndedAsync().ConfigureAwait(false);
                if (winner is not null)
                {
                    return winner;
                }

                bool anyLeft = next < endPoints.Count;
                if (anyFailed && anyLeft)
                {
                    pause = null;
                    continue;
                }

                if (_running.Count == 0)
                {
                    throw _failed.Count == 1 ? _failed[0].Error : Failure!;
                }

                pause = anyLeft ? pause ?? CancellableWaits.DelayAsync(options.ConnectionAttemptDelay, engine.TimeProvider, over.Token) : null;
                await WhenAnyEndsAsync(pause).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach ((_, Task<StreamTransport> other) in _running)
            {
                _ = CloseAsync(other);
            }

            if (_running.Count > 0 || pause is { IsCompleted: false })
            {
                await over.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs one attempt, and traces it if the source has listeners.</summary>
    public static Task<StreamTransport> AttemptAsync(
        SocketEngine engine, EndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken) =>
        Traces.Source.HasListeners()
            ? AttemptTracedAsync(engine, endPoint, options, cancellationToken)
            : engine.ConnectAsync(endPoint, options, cancellationToken);

    private static async Task<StreamTransport> AttemptTracedAsync(
        SocketEngine engine, EndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        using var trace = new TracedStep(Traces.StartAttempt(endPoint), engine.Logger);
        try
        {
            return await engine.ConnectAsync(endPoint, options, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Traces.Fail(trace.Activity, exception);
            throw;
        }
    }

    // Removes the attempts that have ended, and records the errors in the order of the addresses.
    private async Task<(StreamTransport? Winner, bool AnyFailed)> TakeEndedAsync()
    {
        bool anyFailed = false;
        for (int i = 0; i < _running.Count;)
        {
            (EndPoint endPoint, Task<StreamTransport> task) = _running[i];
            if (!task.IsCompleted)
            {
                i++;
                continue;
            }

            _running.RemoveAt(i);
            try
            {
                return (await task.ConfigureAwait(false), anyFailed);
            }
            catch (SocketException exception)
            {
                _failed.Add(new ConnectAttempt(endPoint, exception));
                anyFailed = true;
            }
        }

        return (null, anyFailed);
    }

    private async Task WhenAnyEndsAsync(Task? pause)
    {
        var awaited = new List<Task>(_running.Count + 1);
        awaited.AddRange(_running.Select(attempt => attempt.Task));
        if (pause is not null)
        {
            awaited.Add(pause);
        }

        await Task.WhenAny(awaited).ConfigureAwait(false);
    }

    private static async Task CloseAsync(Task<StreamTransport> other)
    {
        try
        {
            (await other.ConfigureAwait(false)).Close();
        }
        catch (Exception)
        {
            // A slower attempt; its failure does not matter.
        }
    }
}
