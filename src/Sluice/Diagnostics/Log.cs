using System.Net;
using Microsoft.Extensions.Logging;

namespace Sluice.Diagnostics;

/// <summary>The log messages of Sluice. docs/telemetry.md lists them; an id is never reused.</summary>
internal static partial class Log
{
    [LoggerMessage(
        1, LogLevel.Debug, "A handler blocked an event loop for too long; the loop continues on another thread.",
        EventName = "LoopHandedOff")]
    public static partial void LoopHandedOff(this ILogger logger);

    [LoggerMessage(
        2, LogLevel.Error, "{Count} threads are blocked in handlers; event loops cannot move to other threads until some handlers return.",
        EventName = "TooManyStuckThreads")]
    public static partial void TooManyStuckThreads(this ILogger logger, int count);

    [LoggerMessage(3, LogLevel.Error, "A continuation threw on an event loop.", EventName = "ContinuationFailed")]
    public static partial void ContinuationFailed(this ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Debug, "Listening at {LocalEndPoint}.", EventName = "Listening")]
    public static partial void Listening(this ILogger logger, EndPoint localEndPoint);

    [LoggerMessage(
        5, LogLevel.Warning, "Accepting at {LocalEndPoint} failed ({Error}); trying again in {DelayMilliseconds} ms.",
        EventName = "AcceptFailed")]
    public static partial void AcceptFailed(this ILogger logger, EndPoint localEndPoint, string error, double delayMilliseconds);

    [LoggerMessage(6, LogLevel.Error, "The handler of a connection from {RemoteEndPoint} failed.", EventName = "HandlerFailed")]
    public static partial void HandlerFailed(this ILogger logger, EndPoint? remoteEndPoint, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "The OnError callback itself threw.", EventName = "OnErrorFailed")]
    public static partial void OnErrorFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        8, LogLevel.Warning, "Aborting {Count} connections that were still open at the end of the grace period.",
        EventName = "DrainCutShort")]
    public static partial void DrainCutShort(this ILogger logger, int count);

    [LoggerMessage(
        9, LogLevel.Warning, "{Count} handlers are still running after their connections were aborted.",
        EventName = "HandlersLeftBehind")]
    public static partial void HandlersLeftBehind(this ILogger logger, int count);

    [LoggerMessage(
        10, LogLevel.Debug, "Closing the connection to {RemoteEndPoint} took longer than {Timeout}; unsent data is lost.",
        EventName = "CloseTimedOut")]
    public static partial void CloseTimedOut(this ILogger logger, EndPoint? remoteEndPoint, TimeSpan timeout);

    [LoggerMessage(11, LogLevel.Error, "A callback on a cancellation token threw.", EventName = "CancellationFailed")]
    public static partial void CancellationFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        12, LogLevel.Error, "Closing the {What} at {EndPoint}: one step threw; all other steps were taken.",
        EventName = "DisposalFailed")]
    public static partial void DisposalFailed(this ILogger logger, string what, EndPoint? endPoint, Exception exception);

    [LoggerMessage(
        13, LogLevel.Debug, "The connection from {RemoteEndPoint} has failed because of the peer or the network: {Reason}",
        EventName = "ConnectionFailed")]
    public static partial void ConnectionFailed(this ILogger logger, EndPoint? remoteEndPoint, string reason);

    [LoggerMessage(
        14, LogLevel.Warning, "Only the reserve of {Reserve} descriptors is left; no connection is accepted at {LocalEndPoint} until others are closed.",
        EventName = "DescriptorsScarce")]
    public static partial void DescriptorsScarce(this ILogger logger, EndPoint localEndPoint, int reserve);

    [LoggerMessage(
        15, LogLevel.Warning, "MaxConnections is {MaxConnections}, but the limit of {Limit} descriptors (RLIMIT_NOFILE) is enough for only {Possible} connections.",
        EventName = "MaxConnectionsTooHigh")]
    public static partial void MaxConnectionsTooHigh(this ILogger logger, int maxConnections, int limit, int possible);

    [LoggerMessage(
        16, LogLevel.Warning, "A {What} at {EndPoint} was not disposed; the finalizer closes it. Opened at:{OpenedAt}",
        EventName = "SocketDropped")]
    public static partial void SocketDropped(this ILogger logger, string what, EndPoint? endPoint, string openedAt);

    [LoggerMessage(17, LogLevel.Error, "The OnDropped callback of an outbox threw.", EventName = "OnDroppedFailed")]
    public static partial void OnDroppedFailed(this ILogger logger, Exception exception);

    [LoggerMessage(18, LogLevel.Error, "A listener of the meter or of the activity source threw.", EventName = "ObserverFailed")]
    public static partial void ObserverFailed(this ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Error, "A memory block could not be returned to the buffer pool.", EventName = "BlockReturnFailed")]
    public static partial void BlockReturnFailed(this ILogger logger, Exception exception);

    [LoggerMessage(30, LogLevel.Debug, "A connection from {RemoteEndPoint} was refused: {Reason}.", EventName = "ConnectionRefused")]
    public static partial void ConnectionRefused(this ILogger logger, EndPoint? remoteEndPoint, string reason);

    [LoggerMessage(31, LogLevel.Error, "The Admit callback threw for a connection from {RemoteEndPoint}; the connection is refused.", EventName = "AdmitFailed")]
    public static partial void AdmitFailed(this ILogger logger, EndPoint? remoteEndPoint, Exception exception);

    [LoggerMessage(
        40, LogLevel.Information, "IPv6 is not available to bind to {EndPoint}; bound to {Instead} instead.", EventName = "BoundToIPv4Instead")]
    public static partial void BoundToIPv4Instead(this ILogger logger, EndPoint endPoint, EndPoint instead);

    [LoggerMessage(
        41, LogLevel.Information, "One of the two addresses of localhost is not available; listening at {LocalEndPoint} only. ({Reason})",
        EventName = "LocalhostIncomplete")]
    public static partial void LocalhostIncomplete(this ILogger logger, EndPoint localEndPoint, string reason);

    [LoggerMessage(
        50, LogLevel.Debug, "A connection from {RemoteEndPoint} was reset because its PROXY header was missing or invalid: {Reason}.",
        EventName = "ProxyHeaderRefused")]
    public static partial void ProxyHeaderRefused(this ILogger logger, EndPoint remoteEndPoint, string reason);

    [LoggerMessage(
        60, LogLevel.Warning, "A process connected to {Path} but did not take the listener; waiting for the next one.",
        EventName = "HandOverFailed")]
    public static partial void HandOverFailed(this ILogger logger, string path, Exception exception);

    [LoggerMessage(70, LogLevel.Debug, "The TLS handshake with {RemoteEndPoint} failed: {Reason}", EventName = "TlsHandshakeFailed")]
    public static partial void TlsHandshakeFailed(this ILogger logger, EndPoint remoteEndPoint, string reason);
}
