using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Sluice.Channels.Reading;

namespace Sluice.Sockets;

/// <summary>Distinguishes the faults of a peer or the network from the mistakes of a handler.</summary>
internal static class PeerFault
{
    /// <summary>Gets whether the peer or the network caused the exception, or the handler gave up its connection.</summary>
    /// <param name="exception">The exception of the handler.</param>
    /// <param name="isClosed">Whether the connection is closed or aborted on this side.</param>
    public static bool IsPeerFault(Exception exception, bool isClosed) => exception switch
    {
        LimitExceededException or EndOfStreamException or DecoderFallbackException => true,
        AuthenticationException or TimeoutException or OperationCanceledException => true,
        InvalidDataException => MalformedData.IsOne(exception),
        ObjectDisposedException => isClosed,
        IOException => IsNetworkFault(exception, isClosed),
        _ => false,
    };

    // A missing file or a full disk is an IOException too, but one of a derived type or with the system's error code.
    private static bool IsNetworkFault(Exception exception, bool isClosed) => exception.InnerException switch
    {
        null => exception.GetType() == typeof(IOException) && exception.HResult == new IOException().HResult,
        SocketException => true,
        { } inner => IsPeerFault(inner, isClosed),
    };
}
