using Microsoft.Extensions.Logging;

namespace Sluice.Hosting.Connections;

internal static partial class TransportLog
{
    public const string Category = "Sluice.AspNetCore";

    [LoggerMessage(1, LogLevel.Error, "Connection {ConnectionId}: what was registered on its closed token failed.")]
    public static partial void ClosedCallbackFailed(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId} has failed, which is no fault of its handler's: {Reason}")]
    public static partial void ConnectionFailed(ILogger logger, string connectionId, string reason);

    [LoggerMessage(3, LogLevel.Error, "Connection {ConnectionId}: a step of closing it threw; all other steps were taken.")]
    public static partial void CloseFailed(ILogger logger, string connectionId, Exception exception);
}
