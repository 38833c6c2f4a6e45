namespace Sluice.Scheduling;

/// <summary>Creates timers that serve many callers.</summary>
internal static class Timers
{
    /// <summary>Creates a timer that does not capture the execution context of its first caller, which would live as long as the timer.</summary>
    public static ITimer Create(TimeProvider timeProvider, Action onTimer, TimeSpan due, TimeSpan period)
    {
        bool restore = !ExecutionContext.IsFlowSuppressed();
        if (restore)
        {
            ExecutionContext.SuppressFlow();
        }

        try
        {
            return timeProvider.CreateTimer(static onTimer => ((Action)onTimer!)(), onTimer, due, period)
                ?? throw new InvalidOperationException("The time provider has returned null instead of a timer.");
        }
        finally
        {
            if (restore)
            {
                ExecutionContext.RestoreFlow();
            }
        }
    }
}
