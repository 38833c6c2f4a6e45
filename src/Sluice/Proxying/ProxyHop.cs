using System.Net;
using System.Net.Sockets;
using Sluice.Options;

namespace Sluice.Proxying;

/// <summary>Represents a proxy in a chain.</summary>
internal abstract class ProxyHop(EndPoint proxy)
{
    public EndPoint Proxy { get; } = proxy;

    /// <summary>Requests a connection to <paramref name="target"/> from the connected proxy.</summary>
    /// <exception cref="ProxyException">The proxy did not make the connection.</exception>
    /// <exception cref="TimeoutException">The socket timeout passed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask OpenAsync(ConnectionPreamble preamble, EndPoint target, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(preamble, target, cancellationToken).ConfigureAwait(false);
        }
        catch (EndOfStreamException)
        {
            throw Failure(SocketError.ConnectionAborted, target, "it closed the connection before the end of its answer.");
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException)
        {
            throw Failure(SocketError.ProtocolNotSupported, target, $"its answer is malformed. {exception.Message}");
        }
        catch (IOException exception)
        {
            throw Translate(exception, target);
        }
    }

    /// <summary>Sends the PROXY header to the connected server.</summary>
    /// <exception cref="SocketException">The connection failed.</exception>
    public static async ValueTask SendHeaderAsync(ConnectionPreamble preamble, ProxyHeader header, EndPoint target, CancellationToken cancellationToken)
    {
        try
        {
            byte[] bytes = header.Version == ProxyProtocolVersion.V1 ? ProxyHeaderV1.Format(header) : ProxyHeaderV2.Format(header);
            await preamble.SendAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception) when (exception.InnerException is SocketException inner)
        {
            throw SocketErrors.At(inner.SocketErrorCode, "Sending the PROXY header to", target);
        }
    }

    protected abstract ValueTask AskAsync(ConnectionPreamble preamble, EndPoint target, CancellationToken cancellationToken);

    protected ProxyException Failure(SocketError error, EndPoint target, string reason, int? replyCode = null) =>
        new(error, Proxy, target, reason, replyCode);

    private Exception Translate(IOException exception, EndPoint target) => exception.InnerException switch
    {
        TimeoutException timeout => timeout,
        SocketException inner => Failure(inner.SocketErrorCode, target, exception.Message),
        _ => Failure(SocketError.SocketError, target, exception.Message),
    };
}
