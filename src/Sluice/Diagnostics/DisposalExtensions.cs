using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Scheduling;

namespace Sluice.Diagnostics;

/// <summary>What disposals share: none of them fails because of code that a user registered.</summary>
internal static class DisposalExtensions
{
    /// <summary>
    /// Cancels at once and runs the callbacks on the thread pool: callbacks of users may block, throw, or dispose of what is being closed,
    /// and the caller's next steps must not depend on them. What they throw is logged.
    /// </summary>
    public static void CancelInBackground(this CancellationTokenSource source, ILogger logger)
    {
        Task callbacks = source.CancelAsync();
        if (!callbacks.IsCompletedSuccessfully)
        {
            _ = LogFailureAsync(callbacks, logger);
        }
    }

    /// <summary>Logs what the steps threw, if they threw something.</summary>
    public static void LogFailure(this DisposalSteps steps, ILogger logger, string what, EndPoint? endPoint)
    {
        if (steps.Failure is { } failure)
        {
            logger.DisposalFailed(what, endPoint, failure);
        }
    }

    private static async Task LogFailureAsync(Task callbacks, ILogger logger)
    {
        try
        {
            await callbacks.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            logger.CancellationFailed(exception);
        }
    }
}
