using Microsoft.Extensions.Logging;

namespace Sluice.AspNetCore.Transport;

internal static partial class TransportLog
{
    [LoggerMessage(1, LogLevel.Error, "Connection {ConnectionId}: what was registered on its closed token failed.")]
    public static partial void ClosedCallbackFailed(ILogger logger, string connectionId, Exception exception);
}
