using System.Runtime.CompilerServices;

namespace Sluice.TestKit;

/// <summary>Waiting for what has to end, so that a test which hangs fails and says where.</summary>
internal static class SoonExtensions
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static async Task Soon(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await EndOrPatience(task, what);
        await task;
    }

    public static async Task<T> Soon<T>(this Task<T> task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        await EndOrPatience(task, what);
        return await task;
    }

    public static Task Soon(this ValueTask task, [CallerArgumentExpression(nameof(task))] string what = "") => task.AsTask().Soon(what);

    public static Task<T> Soon<T>(this ValueTask<T> task, [CallerArgumentExpression(nameof(task))] string what = "") => task.AsTask().Soon(what);

    private static async Task EndOrPatience(Task task, string what)
    {
        if (task.IsCompleted)
        {
            return;
        }

        using var enough = new CancellationTokenSource();
        await Task.WhenAny(task, Task.Delay(s_patience, enough.Token));
        await enough.CancelAsync();
        if (!task.IsCompleted)
        {
            throw new AssertionException($"Did not end within {s_patience.TotalSeconds:0} s: {what}{Environment.NewLine}{OpenSockets.Describe()}");
        }
    }
}
