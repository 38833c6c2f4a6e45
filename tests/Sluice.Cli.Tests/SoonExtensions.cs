using System.Runtime.CompilerServices;

namespace Sluice.Cli.Tests;

/// <summary>Waiting for what has to end: the time allowed matters only when a test fails.</summary>
internal static class SoonExtensions
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task Soon(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        if (await Task.WhenAny(task, Task.Delay(s_patience)) != task)
        {
            throw new TimeoutException($"Not within {s_patience.TotalSeconds} s: {what}");
        }

        await task;
    }

    public static async Task<T> Soon<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await ((Task)task).Soon(what);
        return await task;
    }

    public static Task Soon(this ValueTask task, [CallerArgumentExpression(nameof(task))] string what = "") => task.AsTask().Soon(what);

    public static Task<T> Soon<T>(this ValueTask<T> task, [CallerArgumentExpression(nameof(task))] string what = "") => task.AsTask().Soon(what);
}
