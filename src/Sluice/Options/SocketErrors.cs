using System.Net;
using System.Net.Sockets;

namespace Sluice.Options;

/// <summary>Makes the exceptions that callers see out of what the system said.</summary>
internal static class SocketErrors
{
    /// <summary>For bind, connect and accept: the message names the end point.</summary>
    public static SocketException At(SocketError error, string doing, EndPoint endPoint) =>
        new((int)error, $"{doing} {Describe(endPoint)}: {new SocketException((int)error).Message}");

    /// <summary>For an operation that has no end point of its own.</summary>
    public static SocketException During(SocketError error, string doing) => new((int)error, $"{doing}: {new SocketException((int)error).Message}");

    /// <summary>For a read or a write on a connection.</summary>
    public static IOException Transfer(SocketError error, string doing)
    {
        var inner = new SocketException((int)error);
        return new IOException($"{doing}: {inner.Message}", inner);
    }

    public static IOException TimedOut(string doing, TimeSpan timeout)
    {
        var inner = new TimeoutException($"No progress within the socket timeout of {timeout.TotalSeconds:0.###} s.");
        return new IOException($"{doing}: {inner.Message}", inner);
    }

    public static TimeoutException ConnectTimedOut(EndPoint endPoint, TimeSpan timeout, Exception? soFar = null) =>
        new($"Connecting to {Describe(endPoint)}: no connection within the connect timeout of {timeout.TotalSeconds:0.###} s.", soFar);

    /// <summary>
    /// Whether accepting failed for a reason that goes away by itself (accept(2)): a full table, a client that left, a network that
    /// hiccups, a firewall that refused one client.
    /// </summary>
    public static bool IsTransientAcceptError(SocketError error) => error is
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ConnectionAborted or SocketError.ConnectionReset or
        SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.HostUnreachable or SocketError.TimedOut or
        SocketError.AccessDenied or SocketError.OperationNotSupported or SocketError.ProtocolOption or SocketError.Interrupted;

    /// <summary>An end point as a user writes it.</summary>
    public static string Describe(EndPoint endPoint) => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? endPoint.GetType().Name;
}
