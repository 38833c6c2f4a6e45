using System.Runtime.CompilerServices;

namespace Sluice.Scheduling;

/// <summary>
/// Waits that end with a token, too. The framework's own complete inside <see cref="CancellationTokenSource.Cancel()"/>, and what awaits them
/// goes on in its frames: a caller's code then runs under the canceller's locks, and what it waits for keeps <c>Cancel()</c> from returning.
/// What awaits these goes on on a pool thread.
/// </summary>
internal static class CancellableWaits
{
    /// <summary>
    /// To be awaited behind a wait that the token may have ended: if it is cancelled, what follows runs on a pool thread and not in the frames
    /// of the cancellation.
    /// </summary>
    public static ConfiguredTaskAwaitable LeaveCancelAsync(this CancellationToken token) =>
        Task.CompletedTask.ConfigureAwait(token.IsCancellationRequested ? ConfigureAwaitOptions.ForceYielding : ConfigureAwaitOptions.None);

    /// <summary>
    /// Whether another's code, which was given the token, ended for it and says another one: it linked the token with its own. The caller is
    /// thrown its own instead.
    /// </summary>
    public static bool IsForgottenBy(this CancellationToken token, OperationCanceledException exception) =>
        token.IsCancellationRequested && exception.CancellationToken != token;

    /// <summary>The same with the caller's token.</summary>
    public static OperationCanceledException CanceledBy(this OperationCanceledException exception, CancellationToken token) =>
        new(exception.Message, exception, token);

    /// <summary>Waits for the task. The task itself goes on when the token ends the wait.</summary>
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

    /// <summary>Waits for some time.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; it carries this token.</exception>
    public static async Task DelayAsync(TimeSpan time, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
#pragma warning disable RS0030 // Left again behind it.
        await Task.Delay(time, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
#pragma warning restore RS0030
        await cancellationToken.LeaveCancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static async Task WaitAsync(Task task, TimeSpan timeout, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
#pragma warning disable RS0030 // Left again behind it.
        await task.WaitAsync(timeout, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
#pragma warning restore RS0030
        await cancellationToken.LeaveCancelAsync();
        if (!task.IsCompleted || task.IsCanceled)
        {
            // The task may be cancelled by a token that is linked to this one.
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (!task.IsCompleted)
        {
            throw new TimeoutException();
        }

        await task.ConfigureAwait(false);
    }
}
