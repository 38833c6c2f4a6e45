using System.Net;
using Microsoft.Extensions.Logging;

namespace Sluice.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(
        50, LogLevel.Warning, "A connection from {RemoteEndPoint} that should begin with a PROXY header was reset: {Reason}.",
        EventName = "ProxyHeaderRefused")]
    public static partial void ProxyHeaderRefused(this ILogger logger, EndPoint remoteEndPoint, string reason);
}
