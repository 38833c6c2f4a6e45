using System.Runtime.ExceptionServices;
using Sluice.Scheduling;

namespace Sluice.Client;

/// <summary>Calls of user code that end in time, whether or not the user's code does.</summary>
internal static class Bounded
{
    /// <summary>How long the disposal of a user's object is waited for.</summary>
    public static TimeSpan DisposalTimeout { get; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Disposes of a user's object on the thread pool. Returns when that is done, or after <see cref="DisposalTimeout"/>; then the disposal continues in the
    /// background.
    /// </summary>
    /// <exception cref="TimeoutException">The time has passed.</exception>
    public static Task DisposeAsync(IAsyncDisposable item, TimeProvider timeProvider) => RunAsync(
        async _ =>
        {
            await item.DisposeAsync().ConfigureAwait(false);
            return true;
        },
        static _ => ValueTask.CompletedTask,
        DisposalTimeout,
        timeProvider,
        CancellationToken.None);

    /// <summary>
    /// Calls a function on the thread pool, with a token that is canceled after a time, or with the caller's. Returns or throws then, even if the function does not,
    /// or blocks; what it returns later is discarded.
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

        // Read here: when the task starts, the source may be disposed of.
        CancellationToken ended = end.Token;
        Task<T> task = Task.Run(() => function(ended).AsTask(), CancellationToken.None);
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
