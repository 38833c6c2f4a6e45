using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Scheduling;

namespace Sluice.Diagnostics;

/// <summary>Contains the steps that disposals share. Callbacks of users cannot make a disposal fail.</summary>
internal static class DisposalExtensions
{
    /// <summary>
    /// Cancels at once, and runs the callbacks on the thread pool: callbacks of users may block, throw, or dispose of the object that is being closed, and the
    /// caller's next steps must not depend on them. Their exceptions are logged.
    /// </summary>
    public static void CancelInBackground(this CancellationTokenSource source, ILogger logger)
    {
        Task callbacks = source.CancelAsync();
        if (!callbacks.IsCompletedSuccessfully)
        {
            _ = LogFailureAsync(callbacks, logger);
        }
    }

    /// <summary>Logs the exceptions of the steps, if there are any.</summary>
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
