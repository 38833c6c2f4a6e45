namespace Sluice.Client;

/// <summary>Starts tasks that live as long as their owner.</summary>
internal static class Background
{
    /// <summary>Starts a task on this thread, without the execution context of the caller, which would live as long as the task.</summary>
    public static Task Start(Func<Task> function)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return function();
        }

        using (ExecutionContext.SuppressFlow())
        {
            return function();
        }
    }

    /// <summary>Starts a task on the thread pool, as <see cref="Start"/> does.</summary>
    public static Task Run(Func<Task> function) => Start(() => Task.Run(function, CancellationToken.None));
}
