using System.Runtime.CompilerServices;

namespace Sluice.TestKit;

/// <summary>Stands for the class of the test kit, in virtual time. A wait that does not end ends the run: nothing can run any more.</summary>
internal static class Waiting
{
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    public static TimeSpan AtOnce { get; } = TimeSpan.FromSeconds(10);

    public static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        UntilAsync(() => Task.FromResult(condition()), what);

    public static async Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        TimeSpan started = SimulatedRun.Current.Host.Time.Elapsed;
        while (!await condition())
        {
            if (SimulatedRun.Current.Host.Time.Elapsed - started > Patience)
            {
                Assert.Fail($"Not so in {Patience.TotalSeconds} s: {what}");
            }

            await SimulatedRun.Current.Host.Time.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    public static Task PauseAsync(TimeSpan time) => SimulatedRun.Current.Host.Time.Delay(time);

    /// <summary>What the task failed with; null if it did not.</summary>
    public static async Task<Exception?> OutcomeAsync(this Task task)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        return task.IsCanceled ? new OperationCanceledException() : task.Exception?.InnerException;
    }

    public static Task<Exception?> OutcomeAsync(this ValueTask task) => task.AsTask().OutcomeAsync();

    public static Task<Exception?> OutcomeAsync<T>(this ValueTask<T> task) => ((Task)task.AsTask()).OutcomeAsync();

    /// <summary>What the call threw, or its task failed with; null if neither.</summary>
    public static async Task<Exception?> FailureAsync(Func<ValueTask> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
            return exception;
        }
    }

    public static Task Soon(this Task task, string what = "") => task;

    public static Task<T> Soon<T>(this Task<T> task, string what = "") => task;

    public static Task Soon(this ValueTask task, string what = "") => task.AsTask();

    public static Task<T> Soon<T>(this ValueTask<T> task, string what = "") => task.AsTask();
}
