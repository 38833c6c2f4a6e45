using System.Net;
using Microsoft.Extensions.Logging;

namespace Sluice.Hosting;

/// <summary>Every message that this assembly logs.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Socket server '{Name}' listens at {EndPoint} ('{Key}').", EventName = "ServerListening")]
    public static partial void ServerListening(this ILogger logger, string name, EndPoint endPoint, string key);

    [LoggerMessage(2, LogLevel.Information, "Socket server '{Name}' has stopped; {Aborted} connections were aborted.", EventName = "ServerStopped")]
    public static partial void ServerStopped(this ILogger logger, string name, int aborted);

    [LoggerMessage(3, LogLevel.Critical, "Socket server '{Name}' has failed; the host stops.", EventName = "ServerFailed")]
    public static partial void ServerFailed(this ILogger logger, string name, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "Socket server '{Name}' goes on with other limits: {MaxConnections} connections, {MaxConnectionsPerAddress} from one address.", EventName = "LimitsReloaded")]
    public static partial void LimitsReloaded(this ILogger logger, string name, int maxConnections, int maxConnectionsPerAddress);

    [LoggerMessage(5, LogLevel.Information, "The certificate at '{EndPoint}' is now that of {Subject}, valid until {NotAfter}.", EventName = "CertificateReloaded")]
    public static partial void CertificateReloaded(this ILogger logger, string endPoint, string subject, DateTime notAfter);

    [LoggerMessage(6, LogLevel.Error, "The certificate at '{EndPoint}' cannot be used; the one before stays.", EventName = "CertificateUnusable")]
    public static partial void CertificateUnusable(this ILogger logger, string endPoint, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "Socket server '{Name}' listens where it did: end points are read once, when it starts.", EventName = "EndPointsIgnored")]
    public static partial void EndPointsIgnored(this ILogger logger, string name);

    [LoggerMessage(8, LogLevel.Error, "Socket server '{Name}' goes on as it was, for its new options are wrong: {Problems}", EventName = "OptionsRefused")]
    public static partial void OptionsRefused(this ILogger logger, string name, string problems);

    [LoggerMessage(9, LogLevel.Error, "A step of closing socket server '{Name}' threw; all other steps were taken.", EventName = "CloseFailed")]
    public static partial void CloseFailed(this ILogger logger, string name, Exception exception);
}
