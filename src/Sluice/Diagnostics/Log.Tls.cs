using System.Net;
using Microsoft.Extensions.Logging;

namespace Sluice.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(70, LogLevel.Debug, "The TLS handshake with {RemoteEndPoint} failed: {Reason}", EventName = "TlsHandshakeFailed")]
    public static partial void TlsHandshakeFailed(this ILogger logger, EndPoint remoteEndPoint, string reason);
}
