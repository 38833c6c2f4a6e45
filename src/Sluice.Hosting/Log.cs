using System.Net;
using Microsoft.Extensions.Logging;

namespace Sluice.Hosting;

/// <summary>The log messages of this assembly.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Socket server '{Name}' listens at {EndPoint} ('{Key}').", EventName = "ServerListening")]
    public static partial void ServerListening(this ILogger logger, string name, EndPoint endPoint, string key);

    [LoggerMessage(2, LogLevel.Information, "Socket server '{Name}' has stopped; {Aborted} connections were aborted.", EventName = "ServerStopped")]
    public static partial void ServerStopped(this ILogger logger, string name, int aborted);

    [LoggerMessage(3, LogLevel.Critical, "Socket server '{Name}' has failed; stopping the host.", EventName = "ServerFailed")]
    public static partial void ServerFailed(this ILogger logger, string name, Exception exception);

    [LoggerMessage(4, LogLevel.Information, "Socket server '{Name}' has new limits: {MaxConnections} connections, {MaxConnectionsPerAddress} per address.", EventName = "LimitsReloaded")]
    public static partial void LimitsReloaded(this ILogger logger, string name, int maxConnections, int maxConnectionsPerAddress);

    [LoggerMessage(5, LogLevel.Information, "End point '{EndPoint}' has a new certificate: {Subject}, valid until {NotAfter}.", EventName = "CertificateReloaded")]
    public static partial void CertificateReloaded(this ILogger logger, string endPoint, string subject, DateTime notAfter);

    [LoggerMessage(6, LogLevel.Error, "The new certificate for end point '{EndPoint}' cannot be used; keeping the previous one.", EventName = "CertificateUnusable")]
    public static partial void CertificateUnusable(this ILogger logger, string endPoint, Exception exception);

    [LoggerMessage(7, LogLevel.Warning, "The end points of socket server '{Name}' have changed in the configuration; the change takes effect at the next start.", EventName = "EndPointsIgnored")]
    public static partial void EndPointsIgnored(this ILogger logger, string name);

    [LoggerMessage(8, LogLevel.Error, "The new options of socket server '{Name}' are invalid; keeping the previous ones: {Problems}", EventName = "OptionsRefused")]
    public static partial void OptionsRefused(this ILogger logger, string name, string problems);

    [LoggerMessage(9, LogLevel.Error, "Closing socket server '{Name}': one step threw; all other steps were taken.", EventName = "CloseFailed")]
    public static partial void CloseFailed(this ILogger logger, string name, Exception exception);

    [LoggerMessage(10, LogLevel.Information, "Socket server '{Name}' drains: health checks fail, and it serves for {Seconds} s more.", EventName = "ServerDraining")]
    public static partial void ServerDraining(this ILogger logger, string name, double seconds);

    [LoggerMessage(11, LogLevel.Error, "Socket server '{Name}' could not apply all of its new options; the others keep their values.", EventName = "ReloadFailed")]
    public static partial void ReloadFailed(this ILogger logger, string name, Exception exception);
}
