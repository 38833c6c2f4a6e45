using System.Runtime.CompilerServices;

namespace Sluice.Scheduling;

/// <summary>
/// Waits that a token can end. The framework's own waits complete inside <see cref="CancellationTokenSource.Cancel()"/> and run the caller's
/// continuation in its stack frames: under the canceller's locks, and <c>Cancel()</c> does not return before the continuation does. The
/// continuation of these waits runs on a pool thread.
/// </summary>
internal static class CancellableWaits
{
    /// <summary>
    /// Leaves the stack frames of a cancellation. Awaited after a wait that the token may have ended: if the token is cancelled, the continuation
    /// runs on a pool thread.
    /// </summary>
    public static ConfiguredTaskAwaitable LeaveCancelAsync(this CancellationToken token) =>
        Task.CompletedTask.ConfigureAwait(token.IsCancellationRequested ? ConfigureAwaitOptions.ForceYielding : ConfigureAwaitOptions.None);

    /// <summary>
    /// Whether the exception comes from the token, which is canceled. If not, user code has thrown it for a reason of its own, and the caller gets what
    /// <see cref="ForCallerOf"/> makes of it.
    /// </summary>
    public static bool IsOf(this OperationCanceledException exception, CancellationToken token) =>
        token.IsCancellationRequested && exception.CancellationToken == token;

    /// <summary>
    /// Makes of an exception of user code what its caller gets: with the caller's token if that is canceled, which user code may have linked with another;
    /// else a failure, because the caller has canceled nothing.
    /// </summary>
    /// <param name="exception">The exception.</param>
    /// <param name="actor">The user's object, for the message.</param>
    /// <param name="token">The caller's token.</param>
    public static Exception ForCallerOf(this OperationCanceledException exception, string actor, CancellationToken token) =>
        token.IsCancellationRequested
            ? new OperationCanceledException(exception.Message, exception, token)
            : new IOException($"{actor} has canceled the call by itself: {exception.Message}", exception);

    /// <summary>Waits for the task. A token that ends the wait does not end the task.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled before the task ended; it carries this token.</exception>
    public static Task EndOrCancelAsync(this Task task, CancellationToken cancellationToken) =>
        task.IsCompletedSuccessfully || !cancellationToken.CanBeCanceled ? task : WaitAsync(task, Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);

    /// <inheritdoc cref="EndOrCancelAsync(Task, CancellationToken)"/>
    public static async Task<T> EndOrCancelAsync<T>(this Task<T> task, CancellationToken cancellationToken)
    {
        await ((Task)task).EndOrCancelAsync(cancellationToken).ConfigureAwait(false);
        return await task.ConfigureAwait(false);
    }

    /// <inheritdoc cref="EndOrCancelAsync(Task, CancellationToken)"/>
    /// <exception cref="TimeoutException">The time passed before the task ended.</exception>
    public static Task EndOrCancelAsync(this Task task, TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken) =>
        task.IsCompletedSuccessfully ? task : WaitAsync(task, timeout, timeProvider, cancellationToken);

    /// <summary>Waits for some time; on the system's clock if the other one, which may be the user's, throws: a pause that fails would be none.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; it carries this token.</exception>
    public static async Task DelayAsync(TimeSpan time, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        await BeginDelay(time, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await cancellationToken.LeaveCancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

#pragma warning disable RS0030 // LeaveCancelAsync follows.
    private static Task BeginDelay(TimeSpan time, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        try
        {
            return Task.Delay(time, timeProvider, cancellationToken);
        }
        catch (Exception) when (!ReferenceEquals(timeProvider, TimeProvider.System))
        {
            return Task.Delay(time, TimeProvider.System, cancellationToken);
        }
    }
#pragma warning restore RS0030

    private static async Task WaitAsync(Task task, TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        // If the clock, which may be the user's, refuses the timer, the framework's wait throws and still listens to the task: it would fail as the task does,
        // and nothing would observe that.
        Task ended = ReferenceEquals(timeProvider, TimeProvider.System) ? task : Task.WhenAny(task);
#pragma warning disable RS0030 // LeaveCancelAsync follows.
        await ended.WaitAsync(timeout, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
#pragma warning restore RS0030
        await cancellationToken.LeaveCancelAsync();
        if (!task.IsCompleted || task.IsCanceled)
        {
            // A token that is linked to this one may have cancelled the task.
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (!task.IsCompleted)
        {
            throw new TimeoutException();
        }

        await task.ConfigureAwait(false);
    }
}
