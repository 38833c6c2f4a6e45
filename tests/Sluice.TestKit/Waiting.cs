using System.Runtime.CompilerServices;

namespace Sluice.TestKit;

/// <summary>Waits that end: the time they allow matters only when a test fails.</summary>
internal static class Waiting
{
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(30);

    /// <summary>A time that an operation is far from even on a busy machine, unless it waits for something it must not wait for: that has to last longer.</summary>
    public static TimeSpan AtOnce { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Waits until a condition is met that no task stands for, such as a number the system keeps: looks at it every 5 ms.</summary>
    public static Task UntilAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        UntilAsync(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="UntilAsync(Func{bool}, string)"/>
    public static async Task UntilAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        long started = Environment.TickCount64;
        while (!await condition())
        {
            if (Environment.TickCount64 - started > Patience.TotalMilliseconds)
            {
                Assert.Fail($"Not so in {Patience.TotalSeconds} s: {what}{Environment.NewLine}{OpenSockets.Describe()}");
            }

            await Task.Delay(5);
        }
    }

    /// <summary>Lets some time pass: of the clock of the machine, or of the simulation that the test runs in.</summary>
    public static Task PauseAsync(TimeSpan time) => Task.Delay(time);

    /// <summary>What the task failed with; null if it did not.</summary>
    public static async Task<Exception?> OutcomeAsync(this Task task)
    {
        await task.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!task.IsCompleted)
        {
            throw new TimeoutException($"Still pending after {Patience.TotalSeconds} s.{Environment.NewLine}{OpenSockets.Describe()}");
        }

        return task.IsCanceled ? new OperationCanceledException() : task.Exception?.InnerException;
    }

    public static Task<Exception?> OutcomeAsync(this ValueTask task) => task.AsTask().OutcomeAsync();

    public static Task<Exception?> OutcomeAsync<T>(this ValueTask<T> task) => ((Task)task.AsTask()).OutcomeAsync();

    /// <summary>What the call threw, or its task failed with; null if neither.</summary>
    public static async Task<Exception?> FailureAsync(Func<ValueTask> call)
    {
        try
        {
            await call().Soon();
            return null;
        }
        catch (Exception exception) when (exception is not AssertionException)
        {
            return exception;
        }
    }
}
