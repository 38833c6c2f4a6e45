using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Sluice.Channels.Reading;

namespace Sluice.Sockets;

/// <summary>Tells what a peer or the network has done from what a handler has done wrong.</summary>
internal static class PeerFault
{
    /// <summary>Whether the exception tells of a peer, or that the handler gave its connection up.</summary>
    /// <param name="exception">What left the handler.</param>
    /// <param name="isClosed">Whether the connection is closed or aborted on this side.</param>
    public static bool IsOne(Exception exception, bool isClosed) => exception switch
    {
        LimitExceededException or EndOfStreamException or DecoderFallbackException => true,
        AuthenticationException or TimeoutException or OperationCanceledException => true,
        InvalidDataException => MalformedData.IsOne(exception),
        ObjectDisposedException => isClosed,
        IOException => IsOfTheNetwork(exception, isClosed),
        _ => false,
    };

    // A missing file or a full disk is an IOException as well: of a derived type, or with an error code of the system's.
    private static bool IsOfTheNetwork(Exception exception, bool isClosed) => exception.InnerException switch
    {
        null => exception.GetType() == typeof(IOException) && exception.HResult == new IOException().HResult,
        SocketException => true,
        { } inner => IsOne(inner, isClosed),
    };
}
