using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Proxying;

/// <summary>A proxy on the way, and how it is asked to go on.</summary>
internal abstract class ProxyHop(EndPoint proxy)
{
    public EndPoint Proxy { get; } = proxy;

    /// <summary>Asks the proxy, which is connected, for a connection to <paramref name="target"/>.</summary>
    /// <exception cref="ProxyException">It makes none.</exception>
    /// <exception cref="TimeoutException">The socket timeout passed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask OpenAsync(ConnectionPreamble handshake, EndPoint target, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(handshake, target, cancellationToken).ConfigureAwait(false);
        }
        catch (EndOfStreamException)
        {
            throw Failure(SocketError.ConnectionAborted, target, "it ended the connection in the middle of its answer.");
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException)
        {
            throw Failure(SocketError.ProtocolNotSupported, target, $"its answer makes no sense. {exception.Message}");
        }
        catch (IOException exception)
        {
            throw Translate(exception, target);
        }
    }

    /// <summary>Tells the server, which is connected, the PROXY header.</summary>
    /// <exception cref="SocketException">It is gone.</exception>
    public static async ValueTask SendHeaderAsync(ConnectionPreamble handshake, ProxyHeader header, EndPoint target, CancellationToken cancellationToken)
    {
        try
        {
            byte[] bytes = header.Version == ProxyProtocolVersion.V1 ? ProxyHeaderV1.Format(header) : ProxyHeaderV2.Format(header);
            await handshake.SendAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception) when (exception.InnerException is SocketException inner)
        {
            throw SocketErrors.At(inner.SocketErrorCode, "Sending the PROXY header to", target);
        }
    }

    protected abstract ValueTask AskAsync(ConnectionPreamble handshake, EndPoint target, CancellationToken cancellationToken);

    protected ProxyException Failure(SocketError error, EndPoint target, string reason, int? replyCode = null) =>
        new(error, Proxy, target, reason, replyCode);

    private Exception Translate(IOException exception, EndPoint target) => exception.InnerException switch
    {
        TimeoutException timeout => timeout,
        SocketException inner => Failure(inner.SocketErrorCode, target, exception.Message),
        _ => Failure(SocketError.SocketError, target, exception.Message),
    };
}
