using System.Net;
using Microsoft.Extensions.Logging;

namespace Sluice.Client.Diagnostics;

/// <summary>The messages of the package.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Connected to {EndPoint}.")]
    public static partial void Connected(this ILogger logger, EndPoint endPoint);

    [LoggerMessage(2, LogLevel.Warning, "The connection to {EndPoint} has ended.")]
    public static partial void ConnectionLost(this ILogger logger, Exception? exception, EndPoint endPoint);

    [LoggerMessage(3, LogLevel.Warning, "Not connected; the next try follows in {Seconds:0.###} s.")]
    public static partial void Retrying(this ILogger logger, Exception? exception, double seconds);

    [LoggerMessage(4, LogLevel.Error, "The connection has given up.")]
    public static partial void GaveUp(this ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Error, "The callback for changes of the state has thrown.")]
    public static partial void StateCallbackFailed(this ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Warning, "The disposal of a session has failed.")]
    public static partial void SessionDisposalFailed(this ILogger logger, Exception exception);
}
