using Microsoft.Extensions.Logging;

namespace Sluice.Hosting.Connections;

internal static partial class TransportLog
{
    public const string Category = "Sluice.AspNetCore";

    [LoggerMessage(1, LogLevel.Error, "Connection {ConnectionId}: a callback on its ConnectionClosed token threw.")]
    public static partial void ClosedCallbackFailed(ILogger logger, string connectionId, Exception exception);

    [LoggerMessage(2, LogLevel.Debug, "Connection {ConnectionId} has failed because of the peer or the network: {Reason}")]
    public static partial void ConnectionFailed(ILogger logger, string connectionId, string reason);

    [LoggerMessage(3, LogLevel.Error, "Connection {ConnectionId}: one step of closing it threw; all other steps were taken.")]
    public static partial void CloseFailed(ILogger logger, string connectionId, Exception exception);
}
