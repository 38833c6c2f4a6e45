using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Sluice.Diagnostics;

/// <summary>Ends an activity. What a listener throws is logged: the caller may have a connection to return.</summary>
internal readonly struct TracedStep(Activity? activity, ILogger logger) : IDisposable
{
    public Activity? Activity => activity;

    public void Dispose()
    {
        try
        {
            activity?.Dispose();
        }
        catch (Exception exception)
        {
            logger.ObserverFailed(exception);
        }
    }
}
