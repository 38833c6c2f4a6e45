using Microsoft.Extensions.Logging;

namespace Sluice.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(
        60, LogLevel.Warning, "Somebody came to {Path} for the listener and did not take it; waiting for the next one.",
        EventName = "HandOverFailed")]
    public static partial void HandOverFailed(this ILogger logger, string path, Exception exception);
}
