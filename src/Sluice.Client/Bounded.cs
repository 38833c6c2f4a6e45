using System.Runtime.ExceptionServices;
using Sluice.Scheduling;

namespace Sluice.Client;

/// <summary>Calls of user code that end in time, whether or not the user's code does.</summary>
internal static class Bounded
{
    /// <summary>
    /// Calls a function with a token that is canceled after a time, or with the caller's. Returns or throws then, even if the function does not; what it returns
    /// later is discarded.
    /// </summary>
    /// <exception cref="TimeoutException">The time has passed.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled; it carries this token.</exception>
    public static async Task<T> RunAsync<T>(
        Func<CancellationToken, ValueTask<T>> function,
        Func<T, ValueTask> discard,
        TimeSpan timeout,
        TimeProvider timeProvider,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<T> task = CallAsync(function, end.Token);
        Exception failure;
        try
        {
            await ((Task)task).EndOrCancelAsync(timeout, timeProvider, cancellationToken).ConfigureAwait(false);
            end.Dispose();
            return await task.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        bool hasTimedOut = failure is TimeoutException && !ReferenceEquals(failure, task.Exception?.InnerException);
        _ = CancelAsync(end);
        _ = DiscardAsync(task, discard);
        cancellationToken.ThrowIfCancellationRequested();
        if (hasTimedOut)
        {
            throw new TimeoutException($"It did not end within {timeout.TotalSeconds} s.", failure);
        }

        ExceptionDispatchInfo.Throw(failure);
        throw failure;
    }

    // Runs what the function has registered with its token: not on the timer's thread, where an exception ends the process, and without a wait for it.
    private static async Task CancelAsync(CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The caller is told of the timeout or the cancellation.
        }

        source.Dispose();
    }

    // An exception that the function throws before it returns belongs to the task, too.
    private static async Task<T> CallAsync<T>(Func<CancellationToken, ValueTask<T>> function, CancellationToken cancellationToken) =>
        await function(cancellationToken).ConfigureAwait(false);

    private static async Task DiscardAsync<T>(Task<T> task, Func<T, ValueTask> discard)
    {
        await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCompletedSuccessfully)
        {
            try
            {
                await discard(await task.ConfigureAwait(false)).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // Its caller was told of the timeout or the cancellation.
            }
        }
    }
}
