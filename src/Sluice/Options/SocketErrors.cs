using System.Net;
using System.Net.Sockets;

namespace Sluice.Options;

/// <summary>Creates the exceptions of callers from the errors of the system.</summary>
internal static class SocketErrors
{
    /// <summary>Creates the exception of a bind, connect or accept. Its message contains the end point.</summary>
    public static SocketException At(SocketError error, string doing, EndPoint endPoint) =>
        new((int)error, $"{doing} {Describe(endPoint)}: {new SocketException((int)error).Message}");

    /// <summary>Creates the exception of an operation without an end point of its own.</summary>
    public static SocketException During(SocketError error, string doing) => new((int)error, $"{doing}: {new SocketException((int)error).Message}");

    /// <summary>Creates the exception of a read or write on a connection.</summary>
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
    /// Gets whether an accept failed for a transient reason (accept(2)): no free descriptor or memory, a client that has left, an error of the network, or a
    /// firewall that refused one client.
    /// </summary>
    public static bool IsTransientAcceptError(SocketError error) => error is
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ConnectionAborted or SocketError.ConnectionReset or
        SocketError.NetworkDown or SocketError.NetworkUnreachable or SocketError.HostDown or SocketError.HostUnreachable or SocketError.TimedOut or
        SocketError.AccessDenied or SocketError.OperationNotSupported or SocketError.ProtocolOption or SocketError.Interrupted;

    /// <summary>Formats an end point as users write it.</summary>
    public static string Describe(EndPoint endPoint) => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : endPoint.ToString() ?? endPoint.GetType().Name;
}
