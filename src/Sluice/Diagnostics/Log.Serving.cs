using System.Net;
using Microsoft.Extensions.Logging;

namespace Sluice.Diagnostics;

/// <summary>What serving logs.</summary>
internal static partial class Log
{
    [LoggerMessage(30, LogLevel.Debug, "A connection from {RemoteEndPoint} is refused: {Reason}.", EventName = "ConnectionRefused")]
    public static partial void ConnectionRefused(this ILogger logger, EndPoint? remoteEndPoint, string reason);

    [LoggerMessage(31, LogLevel.Error, "Whether to admit a connection from {RemoteEndPoint} could not be decided; it is refused.", EventName = "AdmitFailed")]
    public static partial void AdmitFailed(this ILogger logger, EndPoint? remoteEndPoint, Exception exception);
}
